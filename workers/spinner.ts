// Looking for a short time before sleeping: with a core to spare it saves both sides a sleep and a wake-up (about 1 µs
// instead of 15–60 for a round trip). Without one it takes the core from the very thread it waits for, and a round trip
// costs as much as the spinning. Nobody tells a thread which of the two it is, so it learns: each time spinning was in
// vain, it sleeps at once for twice as many waits as before, then tries again; one success, and it spins each time.

import { performance } from 'node:perf_hooks'
import { WORKER_SPIN_US } from '../src/limits.js'

/** Conditions are looked at this often between two looks at the clock. */
const LOOKS_PER_CLOCK = 32
/** Trying costs at most a WORKER_SPIN_US in so many waits. */
const MAX_REST = 64

export class Spinner {
  readonly #nowMs: () => number
  /** Waits to go before the next try. */
  #rest = 0
  #nextRest = 1

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** Whether the condition came true while it looked. */
  spin(isTrue: () => boolean): boolean {
    if (isTrue()) return true
    if (this.#rest > 0) {
      this.#rest--
      return false
    }
    if (this.#look(isTrue)) {
      this.#nextRest = 1
      return true
    }
    this.#rest = this.#nextRest
    this.#nextRest = Math.min(MAX_REST, this.#nextRest * 2)
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
