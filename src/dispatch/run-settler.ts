// Settles runs, for whoever finds out how they ended: their outcome came, their thread is gone, or the engine ends.
//
// The feeder hears of it before the ledger does: the run's place is free when its promise settles. Of a run that is
// settled already both take no notice.

import type { MoonpoolError, MoonpoolErrorCode } from '../errors.js'
import type { Outcome } from '../shared/outcome.js'
import type { RunQueueWriter } from '../shared/run-queue.js'
import type { Admission } from './admission.js'
import type { Feeder } from './feeder.js'
import type { LookAhead } from './look-ahead.js'
import type { Run } from './run.js'
import { defectError, faultError, stoppedError } from './run-errors.js'
import type { RunLedger } from './run-ledger.js'
import type { WorkerSlot, WorkerSlots } from './worker-slots.js'

export interface RunSettlerParts {
  readonly admission: Admission
  readonly queue: RunQueueWriter
  readonly lookAhead: LookAhead
  readonly slots: WorkerSlots
  readonly feeder: Feeder
  readonly ledger: RunLedger
}

export class RunSettler {
  readonly #admission: Admission
  readonly #queue: RunQueueWriter
  readonly #lookAhead: LookAhead
  readonly #slots: WorkerSlots
  readonly #feeder: Feeder
  readonly #ledger: RunLedger

  constructor({ admission, queue, lookAhead, slots, feeder, ledger }: RunSettlerParts) {
    this.#admission = admission
    this.#queue = queue
    this.#lookAhead = lookAhead
    this.#slots = slots
    this.#feeder = feeder
    this.#ledger = ledger
  }

  /** A worker has ended the run. A verdict that main came to before counts more than values. */
  settle(run: Run, outcome: Outcome): void {
    this.#slots.noteLife()
    if (run.source === undefined) this.#lookAhead.noteDuration(outcome.durationUs)
    const { fault, values = [] } = outcome
    const error = fault === undefined ? run.verdict : faultError(run, fault)
    if (error !== undefined) {
      this.reject(run, error)
      return
    }
    this.#feeder.noteEnded(run)
    this.#ledger.resolve(run, values)
  }

  reject(run: Run, error: MoonpoolError): void {
    this.#feeder.noteEnded(run)
    this.#ledger.reject(run, error)
  }

  /** Rejects a run that was ended from outside, with its verdict if it has one. */
  stop(run: Run, code: MoonpoolErrorCode): void {
    this.reject(run, run.verdict ?? stoppedError(run, code))
  }

  /** Main failed at a message of the run. The worker may wait for an answer that will not come, so its thread ends. */
  rejectDefect(run: Run, slot: WorkerSlot, error: unknown): void {
    this.#slots.stop(slot, 'MOONPOOL_WORKER_LOST')
    this.reject(run, defectError(run, error))
  }

  /** Rejects every run that no worker has begun. */
  stopWaiting(code: MoonpoolErrorCode): void {
    for (const runId of this.#queue.takeUnclaimed()) {
      const run = this.#ledger.get(runId)
      if (run !== undefined) this.stop(run, code)
    }
    for (const run of this.#admission.takeAll()) this.stop(run, code)
  }
}
