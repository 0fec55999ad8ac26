// Whether moments have passed, for a script's reads: seldom is a clock read for it.
//
// A run that is past its deadline when it ends is a stopped one, even if nobody stopped it (run.ts). So the deadline is the
// latest that "now" can be for a run whose result anybody gets, and what expires later is visible to it without a look at
// the clock, which costs as much as a third of a read.

import type { Clock } from '../src/clock.js'

export class RunClock {
  /** On the engine's clock: what does not expire before, the current run may read without a look at the clock. */
  aliveFromMs: number = Number.POSITIVE_INFINITY
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `deadlineMs`: on the monotonic clock. */
  beginRun(deadlineMs: number): void {
    this.aliveFromMs = this.#clock.canShift ? Number.POSITIVE_INFINITY : deadlineMs
  }

  /** Whether `momentMs`, on the engine's clock, has passed. */
  readonly hasPassed = (momentMs: number): boolean =>
    momentMs < this.aliveFromMs && !(this.#clock.nowMs() < momentMs)
}
