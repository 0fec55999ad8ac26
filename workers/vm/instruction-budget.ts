// limits.instructions: how many instructions of Lua's VM a run may execute. The hook is called after every
// SLICE_INSTRUCTIONS, in each coroutine on its own, so a coroutine pays its first slice when it is created and the run
// thread when the run begins: what is paid is never less than what is executed, and the same in every run that does the
// same. Off, nothing of this is in any image. A coroutine that a top level made was paid for by the load: each run may
// execute the rest of its first slice, and there are no more of them than the load's budget has slices.
//
// What C functions do is not counted: that is what the deadline is for.

import { INSTRUCTIONS_SPENT } from './hook.js'

/** Instructions between two calls of the hook. A call costs 30 ns, counting some 4 ns an instruction whatever this is. */
export const SLICE_INSTRUCTIONS = 100

export class InstructionBudget {
  readonly isCounting: boolean
  readonly #limit: number
  #left = Number.POSITIVE_INFINITY

  /** Undefined: no limit. */
  constructor(limit: number | undefined) {
    this.isCounting = limit !== undefined
    this.#limit = limit ?? Number.POSITIVE_INFINITY
  }

  get limit(): number {
    return this.#limit
  }

  beginRun(): void {
    this.#left = this.#limit - SLICE_INSTRUCTIONS
  }

  /** Pays for the next slice, or ends the run. */
  takeSlice(): void {
    this.#left -= SLICE_INSTRUCTIONS
    if (this.#left < 0) throw INSTRUCTIONS_SPENT
  }
}
