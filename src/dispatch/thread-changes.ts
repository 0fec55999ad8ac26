// What becomes of runs, and of the engine, when worker threads come and go.
//
//   boots      the watchdog gets its VMs
//   is ready   it may be sent to the run queue; when all are, the engine has started
//   is gone    what it appended counts, what it had not begun runs again, what it ran is rejected
//   none can start any more   the engine has failed: whatever waits is rejected, and so is all that comes
//
// At the end of a thread main must not touch its memory before it is gone (worker-slots.ts), and the outbox comes first:
// a run whose outcome lies there has ended, and is neither run again nor rejected.

import type { MoonpoolError } from '../errors.js'
import type { RunQueueWriter } from '../shared/run-queue.js'
import type { Drain } from './drain.js'
import type { Feeder } from './feeder.js'
import type { WorkerPorts } from './pool.js'
import type { RunLedger } from './run-ledger.js'
import type { RunSettler } from './run-settler.js'
import type { Watchdog } from './watchdog.js'
import type { SlotEvents, WorkerSlot, WorkerSlots } from './worker-slots.js'

export interface ThreadChangesParts {
  /** That work at the same time. */
  readonly threads: number
  readonly queue: RunQueueWriter
  readonly slots: WorkerSlots
  readonly drain: Drain
  readonly watchdog: Watchdog
  readonly feeder: Feeder
  readonly ledger: RunLedger
  readonly settler: RunSettler
  /** Whether the engine ends anyway. */
  readonly isClosing: () => boolean
}

export class ThreadChanges implements SlotEvents {
  readonly #parts: ThreadChangesParts
  #failure: MoonpoolError | undefined
  #onStart: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(parts: ThreadChangesParts) {
    this.#parts = parts
  }

  /** Why nothing will run any more, if so. */
  get failure(): MoonpoolError | undefined {
    return this.#failure
  }

  /** Resolves when as many threads as work at the same time are ready; rejects with the failure. To be called once, at once. */
  untilStarted(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#onStart = { resolve, reject }
    })
  }

  onBooting(slot: WorkerSlot, { vms }: WorkerPorts): void {
    this.#parts.watchdog.attach(slot, vms)
  }

  onReady(_: WorkerSlot, canBeArmed: boolean): void {
    const { threads, slots, watchdog, feeder, drain } = this.#parts
    if (!canBeArmed) watchdog.giveUpArming('the hook cannot be armed')
    if (slots.readyCount === threads) this.#onStart?.resolve()
    feeder.feed()
    feeder.ensureDrained()
    drain.wake()
  }

  onGone(slot: WorkerSlot): void {
    const { drain, watchdog, feeder } = this.#parts
    watchdog.attach(slot)
    drain.finish(slot)
    this.#giveRunsBack(slot)
    feeder.feed()
    feeder.ensureDrained()
    drain.wake()
  }

  #giveRunsBack(slot: WorkerSlot): void {
    const { queue, feeder, ledger, settler } = this.#parts
    const unstarted = queue.takeBack(slot.index)
    const lastId = slot.runWord.lastRunId()
    for (const runId of unstarted) {
      const run = ledger.get(runId)
      if (run === undefined || (runId === lastId && slot.stopCode !== undefined)) continue
      if (run.verdict !== undefined || !feeder.takeBack(run)) settler.stop(run, 'MOONPOOL_WORKER_LOST')
    }
    // Stopped on purpose, or begun: it does not run again.
    const isOver = slot.stopCode !== undefined || !unstarted.includes(lastId)
    const last = isOver ? ledger.get(lastId) : undefined
    if (last !== undefined) settler.stop(last, slot.stopCode ?? 'MOONPOOL_WORKER_LOST')
  }

  onFailed(error: MoonpoolError): void {
    const { slots, feeder, settler, isClosing } = this.#parts
    if (this.#failure !== undefined || isClosing()) return
    this.#failure = error
    this.#onStart?.reject(error)
    feeder.stop()
    slots.close()
    for (const slot of slots.all) slots.stop(slot, 'MOONPOOL_WORKER_LOST')
    settler.stopWaiting('MOONPOOL_WORKER_LOST')
  }
}
