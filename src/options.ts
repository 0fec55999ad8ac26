// The one place where options are checked: those of an engine (engine-options.ts) and those of the calls (call-options.ts).
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
