// Ends runs that are past their deadline by ending their thread. Lives on the main thread and so needs it: while the
// main thread is blocked, nothing is stopped.
//
// It ticks only while runs are active, and its timer is what keeps the process alive for them: a promise of
// Atomics.waitAsync does not.

import { WATCHDOG_POLL_MS } from '../limits.js'

export class Watchdog {
  readonly #check: () => boolean
  #timer: NodeJS.Timeout | undefined

  /** `check` stops what is overdue and says whether any run is still active. */
  constructor(check: () => boolean) {
    this.#check = check
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      if (!this.#check()) this.stop()
    }, WATCHDOG_POLL_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
