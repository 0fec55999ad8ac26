// A worker's short look around before it sleeps.

import { performance } from 'node:perf_hooks'
import { WORKER_SPIN_US } from '../src/limits.js'
import { PollingPolicy } from '../src/shared/polling-policy.js'

/** Conditions are looked at this often between two looks at the clock. */
const LOOKS_PER_CLOCK = 32

export class Spinner {
  readonly #nowMs: () => number
  readonly #policy = new PollingPolicy()

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** Whether the condition is true, or came true while it looked; it does not look where that was in vain lately. */
  spin(isTrue: () => boolean): boolean {
    if (isTrue()) return true
    if (!this.#policy.shouldPoll()) return false
    if (this.#look(isTrue)) {
      this.#policy.noteSuccess()
      return true
    }
    this.#policy.noteFailure()
    return false
  }

  #look(isTrue: () => boolean): boolean {
    const untilMs = this.#nowMs() + WORKER_SPIN_US / 1000
    do {
      for (let look = 0; look < LOOKS_PER_CLOCK; look++) if (isTrue()) return true
    } while (this.#nowMs() < untilMs)
    return false
  }
}
