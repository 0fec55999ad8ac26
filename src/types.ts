// The public shapes: what users hold, nothing of how it is done. No type of any dependency appears here or below.

import type {
  CloseOptions,
  EvalOptions,
  LoadOptions,
  PrefixOptions,
  PutOptions,
  RunOptions,
} from './call-options.js'
import type { JsonValue } from './json-result.js'
import type { LuaInput, LuaValue } from './shared/values.js'

/**
 * What the host may give to Lua. `object` stands for your own interfaces, which TypeScript does not count as plain
 * data; what is no plain data when the call is made (a Date, a class instance) is refused with MOONPOOL_INVALID_VALUE,
 * which names the path and the conversion to use.
 */
export type LuaArgument = LuaInput | object

/**
 * Runs Lua scripts on its own threads beside one cache. Made by `createEngine`; usually one per process.
 * Every method that returns a promise rejects with a `MoonpoolError` and never throws at once.
 */
export interface Engine extends AsyncDisposable {
  /** The engine's cache, seen from the host. */
  readonly cache: EngineCache

  /**
   * Compiles a script and runs its top level once, without a prefix; every run then starts from that state.
   * Equal source and name share the work and the memory, which stay until each script made of them is disposed.
   *
   * @param source Lua 5.4 text: a string, or bytes that are kept as they are. At most `limits.sourceBytes`.
   * @throws MOONPOOL_LUA_SYNTAX, MOONPOOL_LUA_ERROR, MOONPOOL_LOADING (the top level used the cache),
   * MOONPOOL_TIMEOUT, MOONPOOL_INSTRUCTIONS and MOONPOOL_MEMORY (the top level's limits, or `limits.imageBytes`),
   * MOONPOOL_ABORTED, MOONPOOL_INVALID_OPTION, MOONPOOL_QUEUE_FULL, MOONPOOL_WORKER_LOST, MOONPOOL_CLOSED.
   */
  load(source: string | Uint8Array, options?: LoadOptions): Promise<Script>

  /**
   * Runs a piece of Lua as a whole: `engine.eval('return cache.get(...)', ['user:1'])`. The elements of `args` arrive
   * as `...`; gives the first value returned, `undefined` for nil or none. The `limits.evalScripts` sources used last
   * stay compiled. Messages name it as `load` would, or as `options.name` says.
   *
   * @throws What `load` and `script.run` throw, without MOONPOOL_LOADING and MOONPOOL_NO_FUNCTION.
   */
  eval<T = JsonValue>(
    source: string | Uint8Array,
    args: readonly LuaArgument[] | undefined,
    options: EvalOptions & JsonRunOptions,
  ): Promise<T>
  eval<T = LuaValue>(
    source: string | Uint8Array,
    args?: readonly LuaArgument[],
    options?: EvalOptions,
  ): Promise<T>

  /** What the engine has done and holds now. Works after `close` as well. */
  stats(): EngineStatistics

  /**
   * Ends the engine. New calls reject at once with MOONPOOL_CLOSED; accepted runs, waiting ones too, finish under
   * their own timeouts, and what is left after `graceMs` is stopped and rejects. Calling it again changes nothing and
   * gives the same promise.
   */
  close(options?: CloseOptions): Promise<void>
}

/** A run whose result is to be such that JSON keeps it (row T3). */
export interface JsonRunOptions extends RunOptions {
  readonly result: 'json'
}

/**
 * A loaded script. It holds its image until it is disposed, so a script that is replaced has to be: load the new one,
 * use that from then on, dispose the old one. Row T11.
 */
export interface Script extends Disposable {
  /** As given to `load`; else `script-` and the first 8 characters of the digest. */
  readonly name: string
  /** SHA-256 of the source's bytes, lower-case hex. */
  readonly digest: string

  /**
   * Calls the script's global function `main` with one argument (nil if none is given) and gives its first result,
   * `undefined` for nil or none. `T` is a claim, not a check.
   *
   * @throws MOONPOOL_NO_FUNCTION (no `main`), MOONPOOL_LUA_ERROR, MOONPOOL_TIMEOUT, MOONPOOL_INSTRUCTIONS,
   * MOONPOOL_MEMORY, MOONPOOL_ABORTED, MOONPOOL_RESULT_TOO_LARGE, MOONPOOL_INVALID_VALUE (arguments or result have no
   * counterpart on the other side), MOONPOOL_INVALID_OPTION, MOONPOOL_PREFIX_REQUIRED, MOONPOOL_QUEUE_FULL,
   * MOONPOOL_WORKER_LOST, MOONPOOL_CLOSED (the engine is closed, or the script disposed).
   */
  run<T = JsonValue>(args: LuaArgument | undefined, options: JsonRunOptions): Promise<T>
  run<T = LuaValue>(args?: LuaArgument, options?: RunOptions): Promise<T>

  /**
   * Calls a global function of the script by its name, one Lua argument for each element of `args`, and gives all
   * its results. The name is looked up raw: no dots, no metatables.
   *
   * @throws As `run`.
   */
  call<T extends readonly JsonValue[] = JsonValue[]>(
    name: string,
    args: readonly LuaArgument[] | undefined,
    options: JsonRunOptions,
  ): Promise<T>
  call<T extends readonly LuaValue[] = LuaValue[]>(
    name: string,
    args?: readonly LuaArgument[],
    options?: RunOptions,
  ): Promise<T>

  /**
   * Gives the script's image back; the last script of equal source and name frees its memory. Runs that were accepted
   * before finish, later ones reject with MOONPOOL_CLOSED. Calling it again does nothing. `using` does it too.
   */
  dispose(): void
}

/**
 * One tenant's cache, seen from the host: the same entries that its scripts see. Calls take effect in the order in
 * which they are made, before they return. Keys are strings (their UTF-8 bytes) or bytes.
 */
export interface HostCache {
  /** The cache prefix; undefined is the space of runs without one. */
  readonly prefix: string | undefined

  /**
   * A fresh copy of the value; `undefined` when it is missing or expired, `null` for a stored nil (missing as well
   * under `nilIsMiss`).
   *
   * @throws MOONPOOL_INVALID_VALUE (key), MOONPOOL_PREFIX_REQUIRED, MOONPOOL_CLOSED.
   */
  get<T = LuaValue>(key: string | Uint8Array): Promise<T | null | undefined>

  /**
   * Stores a copy and replaces what was there, its TTL too. Gives true.
   *
   * @throws MOONPOOL_NOT_STORED with `reason` (`too large`, `key too long`): the old entry is still there.
   * MOONPOOL_INVALID_VALUE (key; `undefined` or a value that Lua has no counterpart for), MOONPOOL_INVALID_OPTION,
   * MOONPOOL_PREFIX_REQUIRED, MOONPOOL_CLOSED.
   */
  put(key: string | Uint8Array, value: LuaArgument, options?: PutOptions): Promise<true>
}

/** The space without a prefix, and the way to each prefix: by `withPrefix`, or by the option `cachePrefix` of a call. */
export interface EngineCache extends HostCache {
  get<T = LuaValue>(key: string | Uint8Array, options?: PrefixOptions): Promise<T | null | undefined>

  put(key: string | Uint8Array, value: LuaArgument, options?: PutOptions & PrefixOptions): Promise<true>

  /**
   * The cache of one prefix. Cheap: keep it or make it anew.
   *
   * @throws MOONPOOL_INVALID_OPTION at once, unless the prefix is a string of 1 to 512 bytes of UTF-8.
   */
  withPrefix(cachePrefix: string): HostCache
}

/** Counters since the engine was created, and what it holds now. */
export interface EngineStatistics {
  /** Worker threads that are ready, at most `threads` of the options: a spare one is not counted. */
  readonly threads: number
  /** Runs that wait for a worker. */
  readonly queued: number
  /** Runs on a worker. */
  readonly running: number
  /** Runs that ended with values. */
  readonly completed: number
  /** Runs that ended with an error. */
  readonly failed: number
  readonly cache: CacheStatistics
}

/** The cache's part of the statistics, of all tenants together. */
export interface CacheStatistics {
  /** Entries held now; an expired one counts until it is swept, at most 10 seconds (row C18). */
  readonly entries: number
  /** Each entry counts its prefix, key and encoded value, and 64. */
  readonly bytes: number
  /**
   * Reads by scripts and host that found an entry. A script's count when its run ends; those of a run that lost its
   * thread may be left out.
   */
  readonly hits: number
  /** Reads that found none, or an expired one. */
  readonly misses: number
  /** Entries that left for room. */
  readonly evictions: number
  /** Entries that left for time. */
  readonly expirations: number
  /** Writes that did not fit. */
  readonly refused: number
}
