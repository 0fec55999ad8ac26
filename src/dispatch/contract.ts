// What the public face asks of the dispatcher, and what it gives it. Both sides import this file and nothing of each
// other. Values cross as bytes (see values.ts); names, prefixes and timeouts have been validated before.
//
// Ownership of images: `load` pins an image once for its caller, `release` gives that pin back, and a run holds a
// pin of its own from the call of `run` until it is settled. A loaded script's image stays while it is pinned; a
// chunk's may be dropped when it is not (limits.evalScripts, limits.imageBytes). `find` pins nothing: hand what it
// gives to `run` before anything else can happen.

import type { Clock, ClockOrigin } from '../clock.js'
import type { EncodedArguments } from '../shared/held-bytes.js'
import type { PrefixCells } from '../shared/prefix-cells.js'
import type { TtlPolicy } from '../shared/ttl.js'
import type { LuaValue } from '../shared/values.js'
import type { Prefixes } from '../store/prefixes.js'
import type { Store } from '../store/store.js'

/** `main`: the global function main. `call`: a global function by name. `chunk`: the chunk itself (engine.eval). */
export type RunKind = 'main' | 'call' | 'chunk'

/** What was loaded: a script, whose top level ran once, or a chunk, which runs as a whole each time. */
export type ImageKind = 'script' | 'chunk'

/**
 * What is used of an AbortSignal, so that no types of a platform are needed; every platform's AbortSignal fits.
 */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Takes one line that a script printed, without its end; control characters but tabs are written out (`\x1b`). */
export type PrintListener = (line: string, info: PrintInfo) => void

export interface PrintInfo {
  /** The script's name. */
  readonly script: string
  /** The run's cache prefix; undefined for a run without one, and while a script loads. */
  readonly cachePrefix: string | undefined
  /** The run's `context`, as it was given; undefined for a run without one, and while a script loads. */
  readonly context: unknown
}

/** What few runs have; main keeps it, no worker sees it. */
export interface RunExtras {
  readonly signal: AbortSignalLike | undefined
  readonly context: unknown
  readonly onPrint: PrintListener | undefined
}

/** An opaque handle of a ready image. */
export interface ImageRef {
  readonly id: number
}

export interface RunRequest {
  readonly kind: RunKind
  readonly image: ImageRef
  readonly scriptName: string
  /** '' unless the kind is `call`. */
  readonly functionName: string
  readonly args: EncodedArguments
  /** undefined is the space of runs without a prefix. */
  readonly prefix: string | undefined
  /** A whole number; the clock starts when a worker claims the run. */
  readonly timeoutMs: number
  readonly extras: RunExtras | undefined
}

export interface LoadRequest {
  readonly source: Uint8Array
  /** SHA-256 of the source, lower-case hex. */
  readonly digest: string
  readonly name: string
  readonly kind: ImageKind
  /** Of the eval that needs the chunk, whose tenant waits its turn for it; a script is the host's own. */
  readonly prefix?: string | undefined
  readonly timeoutMs: number
  /** Ends the caller's wait; the work itself ends when nobody waits for it any more. */
  readonly signal: AbortSignalLike | undefined
}

export interface DispatcherStatistics {
  /** That may work at the same time: without spare ones. */
  readonly threads: number
  readonly queued: number
  readonly running: number
  readonly completed: number
  readonly failed: number
  /** Reads of the cache that workers answered without asking; the store does not know of them. */
  readonly workerReads: { readonly hits: number; readonly misses: number }
}

export interface Dispatcher {
  /** All results in order; `main` and `chunk` give at most one. */
  run(request: RunRequest): Promise<LuaValue[]>
  /** Equal (digest, name, kind) share one image. */
  load(request: LoadRequest): Promise<ImageRef>
  /** A chunk's image if it is ready, at once; counts as use of it. */
  find(digest: string, name: string, kind: ImageKind): ImageRef | undefined
  release(image: ImageRef): void
  /** Idempotent. Accepted runs finish; after `graceMs` queued ones reject and running ones are stopped. */
  close(graceMs: number): Promise<void>
  statistics(): DispatcherStatistics
}

/** What bounds a run; every field validated, in bytes and milliseconds. */
export interface RunLimits {
  readonly timeoutMs: number
  /** A multiple of 64 KiB. */
  readonly memoryBytes: number
  readonly maxArgumentBytes: number
  readonly maxResultBytes: number
  readonly sourceBytes: number
  readonly imageBytes: number
  readonly evalScripts: number
  readonly graceMs: number
  /** Undefined: not counted. */
  readonly instructions?: number | undefined
}

/** What workers must know of the cache to answer a script at once. */
export interface CachePolicy extends TtlPolicy {
  readonly maxBytes: number
  readonly maxValueBytes: number
  readonly maxKeyBytes: number
  readonly nilIsMiss: boolean
}

/** What each tenant may take; undefined: no bound of its own. */
export interface TenantPolicy {
  readonly maxQueue: number | undefined
  readonly maxConcurrent: number | undefined
  /** A whole number of 1 to MAX_TENANT_WEIGHT. Never throws. */
  readonly weightOf: (prefix: string | undefined) => number
}

/** Takes each printed line. Never throws. */
export type PrintSink = (
  line: string,
  scriptName: string,
  prefix: string | undefined,
  extras: RunExtras | undefined,
) => void

export interface DispatcherConfig {
  readonly threads: number
  /** Booted beside them, to take over when one dies. */
  readonly spareThreads: number
  /** Of the workers' nice value. */
  readonly niceIncrement: number
  readonly maxQueue: number
  /** Left out: all tenants are equal and unbounded. */
  readonly tenants?: TenantPolicy | undefined
  readonly limits: RunLimits
  readonly cache: CachePolicy
  readonly store: Store
  readonly prefixes: Prefixes
  /** The shared memory behind `prefixes`. */
  readonly prefixCells: PrefixCells
  readonly clock: Clock
  readonly clockOrigin: ClockOrigin
  readonly onPrint: PrintSink
  /** For tests: see BootRequest. */
  readonly hookOffsets?: object | undefined
}

/** Resolves when every thread has booted and tested itself. */
export type CreateDispatcher = (config: DispatcherConfig) => Promise<Dispatcher>
