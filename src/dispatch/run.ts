// A run, as the main thread knows it from admission to settlement.

import type { MoonpoolError } from '../errors.js'
import type { EncodedArguments, HeldBytes } from '../shared/held-bytes.js'
import type { LuaValue } from '../shared/values.js'
import type { Prefix } from '../store/prefixes.js'
import type { RunExtras } from './contract.js'
import type { Image } from './images.js'
import type { Placed } from './line.js'

/** Loading scripts is the host's own work: it has a line of its own, which no option for tenants bounds. */
export const HOST: unique symbol = Symbol('host')

/** Whose turn a run takes: a cache prefix, undefined for the space without one. */
export type TenantKey = string | undefined | typeof HOST

/** What a caller hands over. */
export interface RunInput {
  /** Position in RUN_KINDS. */
  readonly kind: number
  /** The run's prefix; for the loading of a chunk that of the eval which asked for it, for a script HOST. */
  readonly tenant: TenantKey
  /** The first run of a chunk that an eval has just loaded: its tenant had its turn when it was loaded. */
  readonly hadTurn: boolean
  /** For a load: the image being built. */
  readonly image: Image
  readonly timeoutMs: number
  readonly functionName: HeldBytes
  readonly args: EncodedArguments
  /** A load's source; undefined for every other run. */
  readonly source: Uint8Array | undefined
  readonly extras: RunExtras | undefined
}

export interface Run extends RunInput, Placed {
  readonly id: number
  readonly prefix: Prefix
  readonly resolve: (values: LuaValue[]) => void
  readonly reject: (error: Error) => void
  /** Whether it left admission: it lies in the run queue, or a worker has it. */
  isShared: boolean
  /** How often a worker died with the run claimed and not started. */
  requeues: number
  /** Why it will be rejected, whatever it still does, once main knows: it was aborted, or its image has no room. */
  verdict: MoonpoolError | undefined
}
