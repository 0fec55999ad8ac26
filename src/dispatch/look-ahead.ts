// How many runs may lie in shared memory beyond one per worker.
//
// Work that lies there is taken in order, whoever it belongs to; work that waits in admission is taken in fair turns. So
// as little as possible should lie there, but a worker must not run dry while main does something else. The bound is
// therefore time: about LOOK_AHEAD_US of estimated work per worker. Runs that are slower than that still get one behind
// them up to LOOK_AHEAD_ONE_US: a worker that goes to sleep after each run costs main a wake-up each, which makes runs
// look slower still. None lies behind runs slower than that.
//
// One slow run among many short ones, a timeout say, tells nothing of the next: were it noted, the worker would run dry
// behind it. So it is left out until another one follows soon.

import { LOOK_AHEAD_ONE_US, LOOK_AHEAD_US } from '../limits.js'

/** Weight of the newest run in the moving average. */
const NEWEST_PART = 1 / 16
/** One run of a second says little more than one of this. */
const MAX_NOTED_US: number = 2 * LOOK_AHEAD_ONE_US
/** So many times as long as the average is out of the way, */
const OUTLIER_FACTOR = 8
/** and left out if none of so many runs before it was. */
const RUNS_BETWEEN_OUTLIERS = 64

export class LookAhead {
  readonly #threads: number
  #averageUs = LOOK_AHEAD_US
  #runsSinceOutlier = 0

  constructor(threads: number) {
    this.#threads = threads
  }

  noteDuration(durationUs: number): void {
    const notedUs = Math.min(durationUs, MAX_NOTED_US)
    if (notedUs > OUTLIER_FACTOR * this.#averageUs) {
      const isAlone = this.#runsSinceOutlier >= RUNS_BETWEEN_OUTLIERS
      this.#runsSinceOutlier = 0
      if (isAlone) return
    } else {
      this.#runsSinceOutlier++
    }
    this.#averageUs += (notedUs - this.#averageUs) * NEWEST_PART
  }

  /** What a run takes, about. */
  get runUs(): number {
    return this.#averageUs
  }

  /** Whether an outcome is likely to come before it would be worth sleeping. */
  get expectsSoon(): boolean {
    return this.#averageUs <= LOOK_AHEAD_US
  }

  /** Whether so many runs are more than one worker should have before it while another is free. */
  areTooMany(runs: number): boolean {
    return runs * this.#averageUs > LOOK_AHEAD_US
  }

  /** Runs that may be in shared memory or running at the same time. */
  get maxRuns(): number {
    const least = this.#averageUs <= LOOK_AHEAD_ONE_US ? 1 : 0
    const perWorker = Math.floor(LOOK_AHEAD_US / Math.max(1, this.#averageUs))
    return this.#threads * (1 + Math.max(least, perWorker))
  }
}
