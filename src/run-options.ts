// The options of a run, read at every run: a few property checks when all is well; what is unusual goes the slow way,
// which decides and explains.

import { isAbortSignal } from './abort-signal.js'
import { isCachePrefix } from './bounded-text.js'
import type { RunOptions } from './call-options.js'
import type { RunExtras } from './dispatch/contract.js'
import { createError } from './errors.js'
import { MAX_TIMEOUT_MS } from './limits.js'
import { resolveRunOptions } from './options.js'

/** What a run's options come to. */
export interface RunSettings {
  /** undefined is the space without a prefix. */
  readonly prefix: string | undefined
  readonly timeoutMs: number
  readonly extras: RunExtras | undefined
  readonly wantsJson: boolean
}

export interface RunDefaults {
  readonly timeoutMs: number
  readonly requirePrefix: boolean
}

const UNUSUAL = 0
const PLAIN = 1
const WITH_EXTRAS = 2

/** PLAIN: nothing about the options needs a second look. WITH_EXTRAS: the other options of a run do. */
function look(options: RunOptions, prefix: unknown, timeoutMs: unknown): number {
  if (Object.getPrototypeOf(options) !== Object.prototype) return UNUSUAL
  let found = PLAIN
  for (const name in options) {
    if (name === 'cachePrefix' || name === 'timeoutMs') continue
    if (!isExtra(name)) return UNUSUAL
    found = WITH_EXTRAS
  }
  if (prefix === undefined ? 'cachePrefix' in options : !isCachePrefix(prefix)) return UNUSUAL
  return timeoutMs === undefined || isTimeout(timeoutMs) ? found : UNUSUAL
}

function isExtra(name: string): boolean {
  return name === 'signal' || name === 'context' || name === 'onPrint' || name === 'result'
}

function isTimeout(given: unknown): boolean {
  return Number.isInteger(given) && (given as number) >= 1 && (given as number) <= MAX_TIMEOUT_MS
}

function isListener(given: unknown): boolean {
  return given === undefined || typeof given === 'function'
}

export class RunOptionReader {
  readonly #defaults: RunSettings
  readonly #requirePrefix: boolean

  constructor({ timeoutMs, requirePrefix }: RunDefaults) {
    this.#defaults = { prefix: undefined, timeoutMs, extras: undefined, wantsJson: false }
    this.#requirePrefix = requirePrefix
  }

  /** Throws MOONPOOL_INVALID_OPTION or MOONPOOL_PREFIX_REQUIRED; `call` names the method in the message. */
  read(options: RunOptions | undefined, call: string): RunSettings {
    const settings = options === undefined ? this.#defaults : this.#settings(options, call)
    if (this.#requirePrefix && settings.prefix === undefined) throw prefixRequired(call)
    return settings
  }

  // Each option is read once as long as all is well.
  #settings(options: RunOptions, call: string): RunSettings {
    if (typeof options === 'object' && options !== null) {
      const { cachePrefix: prefix, timeoutMs } = options
      const found = look(options, prefix, timeoutMs)
      if (found === PLAIN) return this.#filled(prefix, timeoutMs, undefined, false)
      if (found === WITH_EXTRAS) {
        const { signal, context, onPrint, result } = options
        const isUsual =
          (signal === undefined || isAbortSignal(signal)) &&
          isListener(onPrint) &&
          (result === undefined || result === 'json')
        if (isUsual) return this.#filled(prefix, timeoutMs, { signal, context, onPrint }, result === 'json')
      }
    }
    const { cachePrefix, timeoutMs, signal, context, onPrint, result } = resolveRunOptions(options, call)
    return this.#filled(cachePrefix, timeoutMs, { signal, context, onPrint }, result === 'json')
  }

  #filled(
    prefix: string | undefined,
    timeoutMs: number | undefined,
    extras: RunExtras | undefined,
    wantsJson: boolean,
  ): RunSettings {
    return { prefix, timeoutMs: timeoutMs ?? this.#defaults.timeoutMs, extras, wantsJson }
  }
}

/** For everything that would touch the space without a prefix under `requirePrefix`. */
export function prefixRequired(call: string) {
  return createError(
    'MOONPOOL_PREFIX_REQUIRED',
    `${call}: this engine was created with cache.requirePrefix, so give a cachePrefix`,
  )
}
