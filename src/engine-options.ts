// The options of an engine, as callers write them: what each means, its unit, default and bounds. options.ts checks them.

import type { PrintListener } from './dispatch/contract.js'
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
