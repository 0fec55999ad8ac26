// How many runs may lie in shared memory beyond one per worker.
//
// Work that lies there is taken in order, whoever it belongs to; work that waits in admission is taken in fair turns. So
// as little as possible should lie there, but a worker must not run dry while main does something else. The bound is
// therefore time: about LOOK_AHEAD_US of estimated work per worker. Runs that are slower than that still get one behind
// them up to LOOK_AHEAD_ONE_US: a worker that goes to sleep after each run costs main a wake-up each, which makes runs
// look slower still. None lies behind runs slower than that.

import { LOOK_AHEAD_ONE_US, LOOK_AHEAD_US } from '../limits.js'

/** Weight of the newest run in the moving average. */
const NEWEST_PART = 1 / 16
/** One run of a second among a thousand short ones says little about the next. */
const MAX_NOTED_US: number = 2 * LOOK_AHEAD_ONE_US

export class LookAhead {
  readonly #threads: number
  #averageUs = LOOK_AHEAD_US

  constructor(threads: number) {
    this.#threads = threads
  }

  noteDuration(durationUs: number): void {
    this.#averageUs += (Math.min(durationUs, MAX_NOTED_US) - this.#averageUs) * NEWEST_PART
  }

  /** Whether an outcome is likely to come before it would be worth sleeping. */
  get expectsSoon(): boolean {
    return this.#averageUs <= LOOK_AHEAD_US
  }

  /** Runs that may be in shared memory or running at the same time. */
  get maxRuns(): number {
    const least = this.#averageUs <= LOOK_AHEAD_ONE_US ? 1 : 0
    const perWorker = Math.floor(LOOK_AHEAD_US / Math.max(1, this.#averageUs))
    return this.#threads * (1 + Math.max(least, perWorker))
  }
}
