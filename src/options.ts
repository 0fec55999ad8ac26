// The options of an engine: what each means, its unit, default and bounds; and the one place where options are checked,
// those of the calls (call-options.ts) too.
// Checking finds all problems at once and hands on settings in which nothing is left open.

import { availableParallelism } from 'node:os'
import * as v from 'valibot'
import { isAbortSignal } from './abort-signal.js'
import { CACHE_PREFIX_RULE, isCachePrefix, isScriptName, SCRIPT_NAME_RULE } from './bounded-text.js'
import type { EvalOptions, LoadOptions, PrefixOptions, PutOptions, RunOptions } from './call-options.js'
import type { AbortSignalLike, CachePolicy, PrintListener, RunLimits } from './dispatch/contract.js'
import * as limits from './limits.js'
import { type OptionNames, optionError, unknownOptions } from './option-problems.js'
import { isPlainObject } from './plain-object.js'
import type { TenantOptions } from './tenant-options.js'

/**
 * How an engine is made. Whatever is left out, or given as undefined, has its default. A wrong or unknown option makes
 * `createEngine` reject with MOONPOOL_INVALID_OPTION, which lists every problem.
 */
export interface EngineOptions {
  /** Worker threads. A whole number of 1 to 128. Default: the available cores less one, at least 1. */
  readonly threads?: number | undefined
  /**
   * Threads that are booted beside them and take over at once when one of them has to be ended (`limits.graceMs`), while a
   * new one boots: 0 or 1. Never more than `threads` work at a time. Costs its memory: see docs/security.md. Default 1.
   */
  readonly spareThreads?: 0 | 1 | undefined
  /**
   * By how much worker threads yield to all other threads of the machine, on Linux: what is added to their nice value. A
   * worker that is woken then does not take the core from the main thread, nor from anybody else: with a core for each
   * it changes nothing, beside programs that compute all the time runs wait for those. A whole number of 0 to 19. Default 0.
   */
  readonly niceIncrement?: number | undefined
  /**
   * Runs that may wait for a worker; one more rejects with MOONPOOL_QUEUE_FULL. A whole number of 1 to 10,000,000; 0 is
   * refused. Default 10,000.
   */
  readonly maxQueue?: number | undefined
  /** What one tenant may take when workers are short. Default: tenants are equal and have no bounds of their own. */
  readonly tenants?: TenantOptions | undefined
  /** Size, TTLs and rules of the cache that all runs share. Default: those of each option. */
  readonly cache?: CacheOptions | undefined
  /** What bounds one run, and what scripts may take together. Default: those of each option. */
  readonly limits?: LimitOptions | undefined
  /**
   * Takes the lines that scripts print, on the main thread, in the order of their run; those of a run with a listener
   * of its own go there. What it throws is reported once as a process warning and touches no run. Default: lines are
   * dropped, and the first one emits a process warning. Rows T12 and T14.
   */
  readonly onPrint?: PrintListener | undefined
}

/** The cache that all runs of the engine share. */
export interface CacheOptions {
  /** Live entries; beyond, expired ones leave first, then the least recently used. 1 to 10,000,000. Default 50,000. */
  readonly maxEntries?: number | undefined
  /**
   * Bytes of all entries, each counted as prefix + key + encoded value + 64; beyond, entries leave as above. An entry
   * that is larger by itself is refused. 1,024 to 4,294,967,296 (4 GiB). Default 67,108,864 (64 MiB).
   */
  readonly maxBytes?: number | undefined
  /**
   * Bytes of one encoded value; larger ones are refused: `false, "too large"` in Lua, MOONPOOL_NOT_STORED on the host.
   * 1 to 67,108,864 (64 MiB). Default 1,048,576 (1 MiB).
   */
  readonly maxValueBytes?: number | undefined
  /**
   * Bytes of one key; `put` refuses longer ones with `key too long`, for `get` they are missing. 1 to 65,535.
   * Default 1,024.
   */
  readonly maxKeyBytes?: number | undefined
  /**
   * Milliseconds an entry lives that was stored without a TTL. 1 to 2^53 - 1, fractions rounded up; 0 is refused.
   * Default: for ever.
   */
  readonly defaultTtlMs?: number | undefined
  /**
   * Milliseconds that any TTL is shortened to, "no expiry" included. 1 to 2^53 - 1, fractions rounded up; 0 is refused.
   * Default: none.
   */
  readonly maxTtlMs?: number | undefined
  /** Refuses runs and host calls without a cache prefix, with MOONPOOL_PREFIX_REQUIRED. Default false. */
  readonly requirePrefix?: boolean | undefined
  /** A stored nil reads as missing, for scripts and host. Default false: it is an entry like any other. */
  readonly nilIsMiss?: boolean | undefined
}

/** What bounds one run, and what scripts may take together. Bytes are whole numbers. */
export interface LimitOptions {
  /**
   * Milliseconds a run or the loading of a script may take, waits included; beyond, MOONPOOL_TIMEOUT. The clock starts
   * when a worker takes it, not while it waits for one. 1 to 86,400,000 (a day), fractions rounded up; it cannot be
   * switched off, so 0 is refused. A run's own `timeoutMs` replaces it. Default 1,000.
   */
  readonly timeoutMs?: number | undefined
  /**
   * Bytes of memory of one Lua VM, the script and its libraries included; beyond, Lua raises "not enough memory", and
   * uncaught it is MOONPOOL_MEMORY. 4,194,304 (4 MiB) to 1,073,741,824 (1 GiB), rounded up to a multiple of 65,536.
   * Default 67,108,864 (64 MiB).
   */
  readonly memoryBytes?: number | undefined
  /** Bytes of a run's encoded arguments; beyond, MOONPOOL_INVALID_VALUE. 1 to 268,435,456. Default 8,388,608 (8 MiB). */
  readonly maxArgumentBytes?: number | undefined
  /** Bytes of a run's encoded results; beyond, MOONPOOL_RESULT_TOO_LARGE. 1 to 268,435,456. Default 8,388,608 (8 MiB). */
  readonly maxResultBytes?: number | undefined
  /** Bytes of a script's source; beyond, MOONPOOL_INVALID_OPTION. 1 to 67,108,864. Default 1,048,576 (1 MiB). */
  readonly sourceBytes?: number | undefined
  /**
   * Bytes that the images of all scripts take together; a script's takes about 2 KiB, seven bytes for each byte of its code,
   * and the data that its top level made. A `load` beyond rejects with MOONPOOL_MEMORY. The same bound holds for their
   * sources, which are kept for the lines that errors show: beyond, those are left out. 1,048,576 (1 MiB) to
   * 1,073,741,824 (1 GiB). Default 67,108,864 (64 MiB).
   */
  readonly imageBytes?: number | undefined
  /** Sources given to `eval` that stay compiled; the least recently used is dropped. 1 to 65,536. Default 256. */
  readonly evalScripts?: number | undefined
  /**
   * Milliseconds. At its timeout, or when it is aborted, a run is stopped inside its VM, which a long call of one C function
   * (a backtracking pattern, `table.move`) does not notice; after this time its thread is ended. 0 to 60,000, fractions
   * rounded up. Default 100. T6, T7.
   */
  readonly graceMs?: number | undefined
  /**
   * Instructions of the Lua VM that one run, or loading, may execute; beyond, MOONPOOL_INSTRUCTIONS, which no `pcall`
   * catches. Equal runs use equally many, on any machine. Counted in slices of 100, one in advance for the run and each
   * coroutine; the work of C functions is not counted, so the timeout still applies. Slows scripts down, tight loops to
   * less than half. 1,000 to 1,000,000,000,000. Default: not counted.
   */
  readonly instructions?: number | undefined
}

/** EngineOptions with every default filled in. */
export interface EngineSettings {
  readonly threads: number
  readonly spareThreads: number
  readonly niceIncrement: number
  readonly maxQueue: number
  readonly tenants: TenantOptions
  readonly cache: CachePolicy & { readonly maxEntries: number; readonly requirePrefix: boolean }
  readonly limits: RunLimits
  readonly onPrint: PrintListener | undefined
}

/** 86,400,000; by hand, because loading the locales takes 25 ms. */
const grouped = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** A whole number; for capacities. */
function count<Fallback extends number | undefined>(least: number, most: number, fallback: Fallback) {
  const fits = (given: unknown): boolean =>
    Number.isInteger(given) && (given as number) >= least && (given as number) <= most
  const bounds = `must be a whole number of ${grouped(least)} to ${grouped(most)}`
  return v.optional(v.custom<number>(fits, bounds), fallback)
}

/** A number of milliseconds; a fraction becomes the next whole one. */
function duration<Fallback extends number | undefined>(least: number, most: number, fallback: Fallback) {
  const fits = (given: unknown): boolean => typeof given === 'number' && given >= least && given <= most
  const bounds = `must be a number of ${grouped(least)} to ${grouped(most)} (milliseconds)`
  return v.optional(v.pipe(v.custom<number>(fits, bounds), v.transform(Math.ceil)), fallback)
}

const flag = () =>
  v.optional(
    v.custom<boolean>((given) => typeof given === 'boolean', 'must be true or false'),
    false,
  )

function section<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(v.custom<object>(isPlainObject, 'must be a plain object'), v.object(entries))
}

const MAX_TTL_MS = limits.MAX_TTL_MS - 1
const WASM_PAGE_BYTES = 64 * limits.KIB
const MAX_RUN_BYTES = 256 * limits.MIB

const CACHE = {
  maxEntries: count(1, 10_000_000, limits.DEFAULT_MAX_ENTRIES),
  maxBytes: count(limits.KIB, 4 * 1024 * limits.MIB, limits.DEFAULT_MAX_BYTES),
  maxValueBytes: count(1, 64 * limits.MIB, limits.DEFAULT_MAX_VALUE_BYTES),
  maxKeyBytes: count(1, limits.LARGEST_KEY_BYTES, limits.DEFAULT_MAX_KEY_BYTES),
  defaultTtlMs: duration(1, MAX_TTL_MS, undefined),
  maxTtlMs: duration(1, MAX_TTL_MS, undefined),
  requirePrefix: flag(),
  nilIsMiss: flag(),
}

const timeout = <Fallback extends number | undefined>(fallback: Fallback) =>
  duration(1, limits.MAX_TIMEOUT_MS, fallback)

const LIMITS = {
  timeoutMs: timeout(limits.DEFAULT_TIMEOUT_MS),
  memoryBytes: count(4 * limits.MIB, 1024 * limits.MIB, limits.DEFAULT_MEMORY_BYTES),
  maxArgumentBytes: count(1, MAX_RUN_BYTES, limits.DEFAULT_ARGUMENT_BYTES),
  maxResultBytes: count(1, MAX_RUN_BYTES, limits.DEFAULT_RESULT_BYTES),
  sourceBytes: count(1, 64 * limits.MIB, limits.DEFAULT_SOURCE_BYTES),
  imageBytes: count(limits.MIB, 1024 * limits.MIB, limits.DEFAULT_IMAGE_BYTES),
  evalScripts: count(1, 65_536, limits.DEFAULT_EVAL_SCRIPTS),
  graceMs: duration(0, 60_000, limits.DEFAULT_GRACE_MS),
  instructions: count(1000, 1_000_000_000_000, undefined),
}

function listener() {
  const rule = 'must be a function (line, info) => void'
  return v.optional(v.custom<PrintListener>((given) => typeof given === 'function', rule))
}

function abortSignal() {
  return v.optional(v.custom<AbortSignalLike>(isAbortSignal, 'must be an AbortSignal'))
}

const prefix = () => v.exactOptional(v.custom<string>(isCachePrefix, CACHE_PREFIX_RULE))

const MOST_RUNS = 10_000_000
const TENANTS = {
  maxQueue: count(1, MOST_RUNS, undefined),
  maxConcurrent: count(1, MOST_RUNS, undefined),
  weight: v.optional(
    v.custom<NonNullable<TenantOptions['weight']>>(
      (given) => typeof given === 'function',
      'must be a function (cachePrefix) => number',
    ),
  ),
}

const ENGINE = {
  threads: count(1, limits.MAX_THREADS, Math.max(1, availableParallelism() - 1)),
  spareThreads: count(0, limits.MAX_SPARE_THREADS, limits.DEFAULT_SPARE_THREADS),
  niceIncrement: count(0, limits.MAX_NICE_INCREMENT, limits.DEFAULT_NICE_INCREMENT),
  maxQueue: count(1, MOST_RUNS, limits.DEFAULT_MAX_QUEUE),
  tenants: v.optional(section(TENANTS), {}),
  cache: v.optional(section(CACHE), {}),
  limits: v.optional(section(LIMITS), {}),
  onPrint: listener(),
}

const RUN = {
  cachePrefix: prefix(),
  timeoutMs: timeout(undefined),
  signal: abortSignal(),
  context: v.optional(v.unknown()),
  onPrint: listener(),
  result: v.optional(v.custom<'json'>((given) => given === 'json', `must be 'json', or be left out`)),
}
const LOAD = { name: v.optional(v.custom<string>(isScriptName, SCRIPT_NAME_RULE)), signal: abortSignal() }
const EVAL = { ...RUN, ...LOAD }
const CLOSE = { graceMs: duration(0, limits.MAX_TIMEOUT_MS, limits.DEFAULT_CLOSE_GRACE_MS) }
const PREFIX = { cachePrefix: prefix() }
const PUT = {
  ttlMs: v.optional(
    v.custom<number>(
      (given) => typeof given === 'number' && !Number.isNaN(given),
      'must be a number of milliseconds',
    ),
  ),
}

/** The options with defaults, or MOONPOOL_INVALID_OPTION with every problem; `call` is what the user called. */
function resolve<Entries extends v.ObjectEntries>(
  call: string,
  entries: Entries,
  names: OptionNames,
  given: unknown,
) {
  const result = v.safeParse(section(entries), given === undefined ? {} : given)
  const problems = (result.issues ?? []).map((issue) => ({
    path: v.getDotPath(issue) ?? '',
    rule: issue.message,
    given: issue.input,
  }))
  const error = optionError(call, unknownOptions(given, names), problems)
  if (error !== undefined) throw error
  if (!result.success) throw new Error(`${call}: options were refused without a reason`)
  return result.output
}

const namesOf = (entries: object): OptionNames => ({ '': Object.keys(entries) })

const ENGINE_NAMES: OptionNames = {
  ...namesOf(ENGINE),
  tenants: Object.keys(TENANTS),
  cache: Object.keys(CACHE),
  limits: Object.keys(LIMITS),
}

export function resolveEngineOptions(given: unknown): EngineSettings {
  const {
    threads,
    spareThreads,
    niceIncrement,
    maxQueue,
    tenants: { maxQueue: tenantQueue, maxConcurrent, weight },
    cache,
    limits: run,
    onPrint,
  } = resolve('createEngine', ENGINE, ENGINE_NAMES, given)
  const { defaultTtlMs, maxTtlMs } = cache
  const memoryBytes = Math.ceil(run.memoryBytes / WASM_PAGE_BYTES) * WASM_PAGE_BYTES
  return {
    threads,
    spareThreads,
    niceIncrement,
    maxQueue,
    tenants: { maxQueue: tenantQueue, maxConcurrent, weight },
    cache: { ...cache, defaultTtlMs, maxTtlMs },
    limits: { ...run, memoryBytes },
    onPrint,
  }
}

/** Slow and thorough; the usual options of a run do not come here. */
export function resolveRunOptions(given: unknown, call: string): RunOptions {
  const entries = call === 'engine.eval' ? EVAL : RUN
  return resolve(call, entries, namesOf(entries), given)
}

/** A chunk's name, and the options of its run. Checked together if there is a name, so that all problems are told at once. */
export function splitEvalOptions(given: EvalOptions | undefined): {
  readonly name: string | undefined
  readonly run: RunOptions | undefined
} {
  if (typeof given !== 'object' || given === null || !('name' in given))
    return { name: undefined, run: given }
  const { name, ...run } = resolve('engine.eval', EVAL, namesOf(EVAL), given)
  return { name, run }
}

export function resolveLoadOptions(given: unknown): LoadOptions {
  return resolve('engine.load', LOAD, namesOf(LOAD), given)
}

export function resolveCloseOptions(given: unknown): { readonly graceMs: number } {
  return resolve('engine.close', CLOSE, namesOf(CLOSE), given)
}

export function resolvePutOptions(given: unknown): PutOptions {
  return resolve('cache.put', PUT, namesOf(PUT), given)
}

/** For calls of `engine.cache`, which may name a tenant. */
export function resolvePrefixOptions(given: unknown, call: string): PrefixOptions {
  return resolve(call, PREFIX, namesOf(PREFIX), given)
}

/** For a call that has no options: all it can say is that. */
export function refuseOptions(given: unknown, call: string): void {
  resolve(call, {}, namesOf({}), given)
}

export function resolvePrefixedPutOptions(given: unknown): PutOptions & PrefixOptions {
  const entries = { ...PREFIX, ...PUT }
  return resolve('cache.put', entries, namesOf(entries), given)
}
