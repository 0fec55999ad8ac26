// Brings runs from admission to the workers: into the run queue, as far ahead as the look-ahead allows, and workers to
// the run queue.
//
// No run is left lying while a thread is free. After a run is published a worker that waits for one is summoned, each
// for one run; if none waits, another drain task is submitted, up to one per thread. A worker that is awake looks once
// more before it sleeps, and when a task ends, a new one is submitted if runs are left: so whichever way publishing and
// sleeping interleave, somebody comes.

import { MAX_REQUEUES } from '../limits.js'
import type { RunQueueWriter } from '../shared/run-queue.js'
import type { Admission } from './admission.js'
import type { LookAhead } from './look-ahead.js'
import type { WorkerPool } from './pool.js'
import type { Run } from './run.js'
import type { WorkerSlot } from './worker-slots.js'

export interface FeederParts {
  readonly threads: number
  readonly admission: Admission
  readonly queue: RunQueueWriter
  readonly lookAhead: LookAhead
  readonly slots: readonly WorkerSlot[]
  readonly pool: WorkerPool
}

export class Feeder {
  readonly #parts: FeederParts
  #sharedRuns = 0
  #drains = 0
  #isStopped = false

  constructor(parts: FeederParts) {
    this.#parts = parts
  }

  /** Runs in the run queue that no worker has claimed. */
  get unclaimed(): number {
    return Math.max(0, Math.min(this.#parts.queue.waiting, this.#sharedRuns))
  }

  /** Runs in the run queue or with a worker. */
  get sharedRuns(): number {
    return this.#sharedRuns
  }

  feed(): void {
    const { admission, lookAhead, queue } = this.#parts
    while (this.#sharedRuns < lookAhead.maxRuns) {
      const run = admission.shift()
      if (run === undefined) return
      if (!queue.push(queued(run))) {
        admission.pushFront(run)
        return
      }
      run.isShared = true
      this.#sharedRuns++
      this.#summonWorker()
    }
  }

  /** A shared run is settled. */
  noteEnded(run: Run): void {
    if (run.isShared) this.#sharedRuns--
    run.isShared = false
  }

  /** A worker died before it began this run. False when that happened too often. */
  takeBack(run: Run): boolean {
    this.noteEnded(run)
    run.requeues++
    if (run.requeues > MAX_REQUEUES) return false
    this.#parts.admission.pushFront(run)
    return true
  }

  /** Sees to it that somebody drains the run queue while runs lie there. */
  ensureDrained(): void {
    if (this.unclaimed > 0) this.#submitDrain()
  }

  /** Starts a thread that Piscina did not replace: it gives up on threads that die while they start. */
  repair(): void {
    if (this.#isStopped || this.#parts.pool.size >= this.#parts.threads) return
    this.#parts.pool.drain().catch(() => {})
  }

  stop(): void {
    this.#isStopped = true
  }

  #summonWorker(): void {
    for (const slot of this.#parts.slots) if (slot.bell.summon()) return
    this.#submitDrain()
  }

  #submitDrain(): void {
    if (this.#drains >= this.#parts.threads || this.#isStopped) return
    this.#drains++
    const onEnd = (): void => {
      this.#drains--
      this.ensureDrained()
    }
    this.#parts.pool.drain().then(onEnd, onEnd)
  }
}

function queued(run: Run): Parameters<RunQueueWriter['push']>[0] {
  return {
    runId: run.id,
    kind: run.kind,
    imageId: run.image.id,
    imageOffset: run.image.offset,
    prefixCell: run.prefix.cell,
    prefixBytes: run.prefix.bytes,
    timeoutMs: run.timeoutMs,
    functionName: run.functionName,
    argumentCount: run.argumentCount,
    argumentBytes: run.argumentBytes,
  }
}
