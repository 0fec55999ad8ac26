// Ends a run before its time because of something that main knows, whatever the reason, wherever the run is:
//
//   in admission              it leaves the line              rejected at once
//   in the run queue          its place is taken back         rejected at once
//   claimed, not begun yet    looked for again at the watchdog's next tick
//   running                   the watchdog ends it            rejected when its worker is out of it
//   ended, outcome on its way                                 rejected when the outcome arrives
//
// From `stop` on the run has its verdict: however it ends, it is rejected with that, once.

import type { MoonpoolError } from '../errors.js'
import type { RunQueueWriter } from '../shared/run-queue.js'
import type { Admission } from './admission.js'
import type { Run } from './run.js'
import type { RunLedger } from './run-ledger.js'

export interface RunStopperParts {
  readonly admission: Admission
  readonly queue: RunQueueWriter
  /** Room became free: sends what waits on its way. */
  readonly feed: () => void
  readonly ledger: RunLedger
  /** Ends a run in whatever worker it runs; false when it runs in none now. */
  readonly interrupt: (run: Run) => boolean
  readonly reject: (run: Run, error: MoonpoolError) => void
}

export class RunStopper {
  readonly #parts: RunStopperParts
  /** Claimed when their verdict came, and not found in any worker yet. */
  readonly #wanted = new Set<Run>()
  #feedsSoon = false

  constructor(parts: RunStopperParts) {
    this.#parts = parts
  }

  /** The run must not be settled. A second verdict changes nothing. */
  stop(run: Run, verdict: MoonpoolError): void {
    if (run.verdict !== undefined) return
    run.verdict = verdict
    if (!run.isShared) {
      this.#parts.admission.withdraw(run)
      this.#parts.reject(run, verdict)
    } else if (this.#parts.queue.withdraw(run.id)) {
      this.#parts.reject(run, verdict)
      this.#feedSoon()
    } else {
      this.#wanted.add(run)
      this.retry()
    }
  }

  /** To be called from time to time while runs are active. */
  retry(): void {
    for (const run of this.#wanted) {
      if (this.#parts.ledger.get(run.id) !== run || this.#parts.interrupt(run)) this.#wanted.delete(run)
    }
  }

  /** Once for all runs of one signal: what would follow them may be about to be stopped as well. */
  #feedSoon(): void {
    if (this.#feedsSoon) return
    this.#feedsSoon = true
    queueMicrotask(() => {
      this.#feedsSoon = false
      this.#parts.feed()
    })
  }
}
