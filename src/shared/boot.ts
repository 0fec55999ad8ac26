// What main and a worker say to each other over the control plane when the worker starts.

import type { SharedMemory } from './layout.js'
import type { TtlPolicy } from './ttl.js'

/** What a worker must know of the cache to answer or refuse at once. */
export interface CacheRules extends TtlPolicy {
  readonly maxBytes: number
  readonly maxValueBytes: number
  readonly maxKeyBytes: number
  readonly nilIsMiss: boolean
}

export interface BootRequest {
  /** The worker's number: which outbox, replies ring, bell and run word are its own. */
  readonly worker: number
  readonly memory: SharedMemory
  readonly cache: CacheRules
  readonly memoryBytes: number
  /** Added to the thread's nice value. */
  readonly niceIncrement: number
  readonly maxArgumentBytes: number
  readonly maxResultBytes: number
  /** Undefined: not counted. */
  readonly instructions?: number | undefined
  /** Where a VM's hook lies; tests give wrong places. Opaque to main. */
  readonly hookOffsets?: object | undefined
  /** What the engine's first worker compiled and built; opaque to main. Absent for that worker itself. */
  readonly lua: object | undefined
}

/** Errors cross as data: the control plane would lose their code. */
export type BootReport =
  | {
      readonly isReady: true
      readonly lua: object
      /** Whether its runs can be stopped without ending its thread. */
      readonly canBeArmed: boolean
    }
  | { readonly isReady: false; readonly message: string; readonly stack: string }

/** What a worker holds. */
export interface WorkerReport {
  /** Memory of its VM. */
  readonly vmBytes: number
  /** VMs it dropped so far. */
  readonly droppedVms: number
  /** Entries of its VM's function table: the same after every run. */
  readonly tableLength: number
}

/** What each worker offers to main. */
export interface WorkerControl {
  boot(request: BootRequest): Promise<BootReport>
  report(): Promise<WorkerReport>
}
