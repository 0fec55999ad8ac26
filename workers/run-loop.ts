// A worker's life between its boot and its end: claim a run, run it, look again, sleep.
//
// A run is claimed only while its outcome is sure to fit the outbox. The drain task ends when nothing came for
// WORKER_LINGER_MS, so that an idle engine has no task in flight, and soon when main asks for the control port.

import { WORKER_LINGER_MS } from '../src/limits.js'
import type { RunQueueReader } from '../src/shared/run-queue.js'
import type { MainLink } from './main-link.js'
import type { Runner } from './run.js'
import { Spinner } from './spinner.js'

/** While runs follow one another, so long a time lies between two looks whether main asks for the control port. */
const LEAVE_LOOK_MS = 0.05

export class RunLoop {
  readonly #link: MainLink
  readonly #queue: RunQueueReader
  readonly #runner: Runner
  readonly #spinner = new Spinner()

  constructor(link: MainLink, queue: RunQueueReader, runner: Runner) {
    this.#link = link
    this.#queue = queue
    this.#runner = runner
  }

  /** Runs scripts until there is nothing to run for a while. */
  drain(): void {
    const { bell, doorbell, outbox } = this.#link
    let freeSinceMs = Number.NaN
    let lookMs = Number.NaN
    let hasOutcome = false
    for (;;) {
      if (!(freeSinceMs < lookMs)) {
        if (bell.isAskedToLeave()) break
        lookMs = freeSinceMs + LEAVE_LOOK_MS
      }
      if (outbox.hasHeadroom() && this.#queue.claim()) {
        // Not before the claim: its exchange lies between the outcome and the look whether main sleeps.
        if (hasOutcome && doorbell.ringForOutcome()) freeSinceMs = Number.NaN
        freeSinceMs = this.#runner.execute(this.#queue, freeSinceMs)
        hasOutcome = true
      } else {
        if (!this.#waitForWork()) return
        freeSinceMs = Number.NaN
        hasOutcome = false
      }
    }
    doorbell.ring()
  }

  /** False when no work came while this worker lingered. */
  #waitForWork(): boolean {
    const { bell, doorbell } = this.#link
    doorbell.ring()
    if (this.#spinner.spin(this.#hasWork)) return true
    const seen = bell.prepareToIdle()
    if (this.#hasWork()) {
      bell.stayAwake()
      return true
    }
    return bell.sleep(seen, WORKER_LINGER_MS) || this.#hasWork()
  }

  readonly #hasWork = (): boolean => {
    const { bell, outbox } = this.#link
    return bell.isAskedToLeave() || (this.#queue.hasWaiting() && outbox.hasHeadroom())
  }
}
