// The options of single calls: what each means, its unit, default and bounds. Checked by options.ts.

import type { AbortSignalLike, PrintListener } from './dispatch/contract.js'

export type { AbortSignalLike, PrintInfo, PrintListener } from './dispatch/contract.js'

/** How one run goes. Unknown or wrong options reject with MOONPOOL_INVALID_OPTION before anything runs. */
export interface RunOptions {
  /**
   * The namespace of the run's cache, fixed for the run and invisible to the script: 1 to 512 bytes of UTF-8. Only
   * leaving it out means "no prefix" (a space of its own); undefined, null, '' or anything but a string is refused.
   */
  readonly cachePrefix?: string
  /** Replaces the engine's `limits.timeoutMs` for this run: same unit, bounds and clock (row T6). */
  readonly timeoutMs?: number | undefined
  /**
   * Ends the run when it aborts: a run that has not started never starts, a running one is stopped as by its deadline.
   * It rejects with MOONPOOL_ABORTED, `name` 'AbortError', the signal's reason as `cause`; what it has written stays.
   * Any number of runs may share a signal. Default: none. Row T7.
   */
  readonly signal?: AbortSignalLike | undefined
  /** Anything; scripts cannot see it. It is handed as it is to the listener of printed lines. Row T14. */
  readonly context?: unknown
  /**
   * Takes the lines that this run prints, in the place of the engine's `onPrint`, and in the same way. Default: the
   * engine's. Row T12.
   */
  readonly onPrint?: PrintListener | undefined
  /**
   * `'json'`: the result is such that JSON keeps it as it is (`JsonValue`): nil is null, and what JSON has no way to
   * write (byte strings, integers beyond 2^53 - 1, NaN and infinities, tables that are neither arrays nor objects)
   * rejects with MOONPOOL_INVALID_VALUE, naming its path. Default: Lua's values as they are. Row T3.
   */
  readonly result?: 'json' | undefined
}

/** How a script is loaded. */
export interface LoadOptions {
  /**
   * The name in error messages and tracebacks (`limiter.lua:3: …`): 1 to 256 bytes of UTF-8 without control characters.
   * Default: `script-` and the first 8 characters of the source's SHA-256. Row T11.
   */
  readonly name?: string | undefined
  /**
   * Ends this call when it aborts, with MOONPOOL_ABORTED; others who load the same script at the same time are not
   * affected. Default: none.
   */
  readonly signal?: AbortSignalLike | undefined
}

/** How a chunk runs: a run's options, and what messages call it. */
export interface EvalOptions extends RunOptions, LoadOptions {}

/** How an engine ends. */
export interface CloseOptions {
  /**
   * Milliseconds that accepted runs have to finish, counted from the call of `close`; then they are stopped. 0 to
   * 86,400,000, fractions rounded up; 0 stops them at once. Default 30,000.
   */
  readonly graceMs?: number | undefined
}

/** How `put` stores. */
export interface PutOptions {
  /**
   * Milliseconds the entry lives, from the call. Fractions are rounded up. 0 or less: expired at once, as deleted.
   * `Infinity` or 2^53 and more: no expiry. NaN is refused. Default: the engine's `cache.defaultTtlMs`; in any case
   * at most its `cache.maxTtlMs`.
   */
  readonly ttlMs?: number | undefined
}

/** Which tenant's entries a call of `engine.cache` means. */
export interface PrefixOptions {
  /** As for a run: 1 to 512 bytes of UTF-8; only leaving it out means the space without a prefix. */
  readonly cachePrefix?: string
}
