// One table: code → class → what to do. Codes are stable; messages are not.

/** Order matters: a code's position is its number between threads. Add at the end. */
export const ERROR_TABLE = {
  MOONPOOL_LUA_SYNTAX: { type: 'ScriptError', remedy: 'mend the source at the line of the message' },
  MOONPOOL_LUA_ERROR: { type: 'ScriptError', remedy: 'the script raised it: see message and traceback' },
  MOONPOOL_NO_FUNCTION: {
    type: 'ScriptError',
    remedy: 'define that global function in the script, or call another',
  },
  MOONPOOL_TIMEOUT: { type: 'LimitError', remedy: 'raise timeoutMs, or do less in one run' },
  MOONPOOL_INSTRUCTIONS: { type: 'LimitError', remedy: 'raise limits.instructions, or do less in one run' },
  MOONPOOL_MEMORY: { type: 'LimitError', remedy: 'raise the limit that the message names, or keep less' },
  MOONPOOL_ABORTED: { type: 'InterruptedError', remedy: 'your signal aborted the run' },
  MOONPOOL_RESULT_TOO_LARGE: { type: 'LimitError', remedy: 'raise limits.maxResultBytes, or return less' },
  MOONPOOL_QUEUE_FULL: {
    type: 'LimitError',
    remedy: 'try again later, add threads, or raise the bound that queue.option names',
  },
  MOONPOOL_CLOSED: {
    type: 'InterruptedError',
    remedy: 'the engine or the script is closed: create or load another',
  },
  MOONPOOL_WORKER_LOST: { type: 'InterruptedError', remedy: 'the thread died under the run: run it again' },
  MOONPOOL_START: { type: 'StartError', remedy: 'the message says which check failed; see cause' },
  MOONPOOL_INVALID_VALUE: {
    type: 'InputError',
    remedy: 'convert the value at the path that the message names',
  },
  MOONPOOL_INVALID_OPTION: { type: 'InputError', remedy: 'mend the options that the message lists' },
  MOONPOOL_PREFIX_REQUIRED: {
    type: 'InputError',
    remedy: 'give cachePrefix: this engine refuses runs without one',
  },
  MOONPOOL_NOT_STORED: { type: 'NotStoredError', remedy: 'see reason; the old entry is still there' },
  MOONPOOL_LOADING: {
    type: 'ScriptError',
    remedy: 'move the call into a function, or run the file by engine.eval',
  },
  MOONPOOL_HOST_ERROR: { type: 'HostError', remedy: 'a host function failed: see cause' },
} as const

export type MoonpoolErrorCode = keyof typeof ERROR_TABLE

/** How full the queue was when a run was refused. */
export interface QueueFacts {
  /** The bound that was reached. */
  readonly option: 'maxQueue' | 'tenants.maxQueue'
  /** Its value. */
  readonly limit: number
  /** Runs that were waiting, of all tenants. */
  readonly queued: number
  /** Those of the refused run's tenant. */
  readonly tenantQueued: number
  /** The refused run's tenant; undefined for runs without a cache prefix. */
  readonly cachePrefix: string | undefined
}

/** What the classes below add to a plain error. */
export interface ErrorDetails {
  /** Name of the script the error comes from. */
  readonly script?: string | undefined
  /** Line in that script, from 1. */
  readonly line?: number | undefined
  /** The text of that line. */
  readonly sourceLine?: string | undefined
  /** Lua's traceback, one level a line. */
  readonly traceback?: string | undefined
  /** What Lua raised, when it was a table. */
  readonly value?: unknown
  /** Why a cache operation was refused, as Lua reports it. */
  readonly reason?: string | undefined
  /** Of MOONPOOL_QUEUE_FULL. */
  readonly queue?: QueueFacts | undefined
  readonly cause?: unknown
  /** What `stack` holds after the error's name; V8's own stack when left out. */
  readonly stack?: string | undefined
}

/** Of this package's own levels above the caller's: each level of a nested argument is a few of them. */
const DEEPEST_CALL = 1000
const OWN_FOLDER: string = new URL('.', import.meta.url).href

/** A stack that begins where this package was called, at most `levels` deep; as it is when nobody else is in it. */
function withoutOwnLevels(stack: string, levels: number): string {
  const lines = stack.split('\n')
  const isLevel = (line: string): boolean => line.startsWith('    at ')
  const callers = lines.filter((line) => isLevel(line) && !line.includes(OWN_FOLDER))
  if (callers.length === 0) return stack
  return [...lines.filter((line) => !isLevel(line)), ...callers.slice(0, levels)].join('\n')
}

/** Part of `stack` already: whoever prints the error sees them once, as with JavaScript's own `message`. */
const HIDDEN: readonly string[] = ['sourceLine', 'traceback']

/**
 * The base of every error this package throws. Match on `code`, never on the message. `stack` of a script's error shows
 * the line of the source and Lua's traceback.
 */
export class MoonpoolError extends Error {
  /** What happened. Its meaning never changes; docs/errors.md has what to do about each. */
  readonly code: MoonpoolErrorCode
  /** Name of the script that the error comes from. */
  declare readonly script?: string
  /** Line in that script, from 1. */
  declare readonly line?: number
  /** The text of that line, at most 200 bytes of it, control characters written out. Not enumerable. */
  declare readonly sourceLine?: string
  /** Lua's traceback, one level a line. Not enumerable. */
  declare readonly traceback?: string
  /** What the script raised, when it was a table. */
  declare readonly value?: unknown
  /** Why the cache refused, as Lua reports it. */
  declare readonly reason?: string
  /** Of MOONPOOL_QUEUE_FULL: which bound was reached, and how many were waiting. */
  declare readonly queue?: QueueFacts

  constructor(code: MoonpoolErrorCode, message: string, details: ErrorDetails = {}) {
    // V8's own stack would be taken only to be replaced below: that takes longer than all the rest.
    const { stackTraceLimit } = Error
    if (details.stack !== undefined) limitStack(0)
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    if (details.stack !== undefined) limitStack(stackTraceLimit)
    this.code = code
    this.name = code === 'MOONPOOL_ABORTED' ? 'AbortError' : new.target.name
    const { cause: _, stack, ...facts } = details
    for (const [key, fact] of Object.entries(facts)) {
      if (fact !== undefined)
        Object.defineProperty(this, key, { value: fact, enumerable: !HIDDEN.includes(key) })
    }
    if (stack !== undefined) this.stack = `${this.name}: ${stack}`
  }
}

/** Where a host has frozen `Error` (--frozen-intrinsics), nothing happens: an assignment would throw. */
function limitStack(levels: number): void {
  Reflect.set(Error, 'stackTraceLimit', levels)
}

/** The script is wrong, or raised: mend the script. */
export class ScriptError extends MoonpoolError {}
/** A bound was reached: raise the limit that the message names, or ask for less. */
export class LimitError extends MoonpoolError {}
/** The host's arguments or options are wrong: mend the call, which `stack` begins with. Nothing ran. */
export class InputError extends MoonpoolError {
  constructor(code: MoonpoolErrorCode, message: string, details?: ErrorDetails) {
    const { stackTraceLimit } = Error
    limitStack(DEEPEST_CALL)
    super(code, message, details)
    limitStack(stackTraceLimit)
    this.stack = withoutOwnLevels(this.stack ?? '', stackTraceLimit)
  }
}
/** The run was ended from outside: by `close`, an abort or a lost thread. Running it again may work. */
export class InterruptedError extends MoonpoolError {}
/** The engine could not start, or its threads died again and again. */
export class StartError extends MoonpoolError {}
/** The cache refused a value; `reason` says why. The old entry is still there. */
export class NotStoredError extends MoonpoolError {}
/** A host function failed. */
export class HostError extends MoonpoolError {}

const CLASSES = {
  ScriptError,
  LimitError,
  InputError,
  InterruptedError,
  StartError,
  NotStoredError,
  HostError,
} as const

const CODES = Object.keys(ERROR_TABLE) as MoonpoolErrorCode[]

export function codeNumber(code: MoonpoolErrorCode): number {
  return CODES.indexOf(code)
}

/** The code of a number that came from another thread; a number nobody knows is a defect there. */
export function codeOfNumber(number: number): MoonpoolErrorCode {
  return CODES[number] ?? 'MOONPOOL_LUA_ERROR'
}

export function createError(code: MoonpoolErrorCode, message: string, details?: ErrorDetails): MoonpoolError {
  return new CLASSES[ERROR_TABLE[code].type](code, message, details)
}
