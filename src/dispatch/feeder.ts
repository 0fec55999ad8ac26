// Brings runs from admission to the workers: into the run queue, as far ahead as the look-ahead allows, and workers to
// the run queue.
//
// No run is left lying while a thread is free. Calling a worker means: summon one that waits for a run, or else submit
// another drain task to a booted thread that has none, up to `threads` of them: there may be more threads, but no more
// than that work at a time. The one that had most goes first: its code is warm, and a spare one stays as it booted.
// A task ends with its thread at the latest, so the next thread takes over only when the dead one is gone.
// It wakes a thread, so it is done only when it is worth it:
//
//   a run is published into the empty queue, or runs are slow       one is called for it; if runs are short and the worker
//                                                                   sleeps, when this phase of the event loop is over: the
//                                                                   other sockets that are ready bring runs for it too. Sooner
//                                                                   when they are work for a while, or wait for a while
//   a turn has passed and none of the waiting runs was claimed      one more is called
//   those that work have more of short runs before them than the
//   look-ahead would give each                                      one more is called at each turn
//   main is about to sleep                                          one for each run that still waits
//
// What lies ready there is taken as it came, whoever it belongs to. When runs become so slow that it would take far longer than
// was meant, it is taken back: a tenant that sends slow runs after short ones gets no further ahead than its turns.
//
// A worker that is awake looks once more before it sleeps, and when a task ends, a new one is submitted if runs are left:
// so whichever way publishing and sleeping interleave, somebody comes.

import { performance } from 'node:perf_hooks'
import type { MoonpoolError } from '../errors.js'
import { MAX_REQUEUES } from '../limits.js'
import type { RunQueueWriter } from '../shared/run-queue.js'
import type { Admission } from './admission.js'
import type { LookAhead } from './look-ahead.js'
import type { WorkerPool } from './pool.js'
import type { Run, TenantKey } from './run.js'
import type { WorkerSlot } from './worker-slots.js'

/** So many runs are worth waking a worker if they come as fast as it takes them: then it does not run dry again. */
const FAST_RUNS = 16
/** However slowly they come, so much work is: to wake it costs main 5 to 25 µs, as much as a whole request. */
const WORTH_A_CALL_US = 180
/** Nor is a call put off for longer once another run comes; at the end of the phase it is made in any case. */
const MAX_PUT_OFF_US = 1000

/** More than so many times what the look-ahead allows is taken back. */
const RECALL_FACTOR = 2

export interface FeederParts {
  readonly threads: number
  readonly admission: Admission
  readonly queue: RunQueueWriter
  readonly lookAhead: LookAhead
  readonly slots: readonly WorkerSlot[]
  readonly pool: WorkerPool
  readonly runOf: (id: number) => Run | undefined
}

export class Feeder {
  readonly #parts: FeederParts
  readonly #nowMs: () => number
  #sharedRuns = 0
  #isStopped = false
  /** Runs published since a call was put off; 0 when none is. */
  #runsWithoutCall = 0
  #putOffAtMs = 0
  /** Where the workers were in the run queue a turn ago. */
  #claimedBefore = 0

  constructor(parts: FeederParts, nowMs: () => number = () => performance.now()) {
    this.#parts = parts
    this.#nowMs = nowMs
  }

  /** Runs in the run queue that no worker has claimed. */
  get unclaimed(): number {
    return Math.max(0, Math.min(this.#parts.queue.waiting, this.#sharedRuns))
  }

  /** Runs that one working thread has before it, about; 0 when they are slow. */
  get runsAhead(): number {
    return this.#parts.lookAhead.expectsSoon ? Math.floor(this.unclaimed / this.#working) : 0
  }

  /** Threads that are at the run queue, or in a run: those that sleep take nothing, however long main dozes. At least 1. */
  get #working(): number {
    let working = 0
    for (const { drainTask, bell } of this.#parts.slots) {
      if (drainTask !== undefined && !bell.isIdle()) working++
    }
    return Math.max(1, working)
  }

  get areAllInSlowRuns(): boolean {
    const { threads, lookAhead } = this.#parts
    return !lookAhead.expectsSoon && this.#working >= threads
  }

  /** Runs in the run queue or with a worker. */
  get sharedRuns(): number {
    return this.#sharedRuns
  }

  /** A run was accepted. With nobody waiting before it and room in shared memory it goes there at once. */
  admit(run: Run): void {
    const { admission } = this.#parts
    if (!this.#isFree(run.tenant) || !this.#publish(run, true)) admission.push(run)
    else if (admission.countsPlaces) admission.noteStarted(run)
  }

  /** Why a run of this tenant is not accepted: it would have to wait, and too many do. */
  refusal(tenant: TenantKey): MoonpoolError | undefined {
    return this.#isFree(tenant) ? undefined : this.#parts.admission.refusal(tenant)
  }

  #isFree(tenant: TenantKey): boolean {
    const { admission, lookAhead } = this.#parts
    return this.#sharedRuns < lookAhead.maxRuns && admission.isFree(tenant)
  }

  feed(): void {
    const { admission, lookAhead } = this.#parts
    if (admission.hasNext && this.#sharedRuns > RECALL_FACTOR * lookAhead.maxRuns) this.#recall()
    while (admission.hasNext && this.#sharedRuns < lookAhead.maxRuns) {
      const run = admission.shift()
      if (run === undefined) return
      if (!this.#publish(run)) {
        admission.pushFront(run)
        return
      }
    }
  }

  /** Runs have become slow: what lies ready would take far longer than was meant, and so belongs into the turns. */
  #recall(): void {
    const { admission, queue, runOf } = this.#parts
    const runs = queue.takeUnclaimed().flatMap((id) => runOf(id) ?? [])
    for (const run of runs) this.#unshare(run)
    admission.restore(runs)
  }

  /** False when the run queue is full. */
  #publish(run: Run, mayWait = false): boolean {
    const { lookAhead, queue } = this.#parts
    const isSoon = lookAhead.expectsSoon
    const isWorthACall = queue.waiting <= 0 || !isSoon
    if (!queue.push(run)) return false
    run.isShared = true
    this.#sharedRuns++
    if (isWorthACall) {
      if (mayWait && isSoon && this.#hasIdleWorker()) this.#callSoon()
      else this.#callWorker()
    } else if (this.#runsWithoutCall > 0) {
      this.#runsWithoutCall++
      if (this.#isPutOffEnough()) this.#callNow()
    }
    return true
  }

  #hasIdleWorker(): boolean {
    for (const slot of this.#parts.slots) if (slot.bell.isIdle()) return true
    return false
  }

  #callSoon(): void {
    if (this.#runsWithoutCall === 0) setImmediate(this.#callNow)
    this.#runsWithoutCall = 1
    this.#putOffAtMs = this.#nowMs()
    if (this.#isPutOffEnough()) this.#callNow()
  }

  #isPutOffEnough(): boolean {
    const runs = this.#runsWithoutCall
    const workUs = runs * Math.max(1, this.#parts.lookAhead.runUs)
    if (workUs >= WORTH_A_CALL_US) return true
    const passedUs = (this.#nowMs() - this.#putOffAtMs) * 1000
    return passedUs >= MAX_PUT_OFF_US || (runs >= FAST_RUNS && passedUs <= workUs)
  }

  readonly #callNow = (): void => {
    if (this.#runsWithoutCall > 0 && this.unclaimed > 0) this.#callWorker()
    this.#runsWithoutCall = 0
  }

  /** Once per turn: the workers that are awake may all be in long runs, or have more before them than they should. */
  reinforce(): void {
    const { claimed } = this.#parts.queue
    if ((claimed === this.#claimedBefore || this.#areTooMany()) && this.unclaimed > 0) this.#callWorker()
    this.#claimedBefore = claimed
  }

  #areTooMany(): boolean {
    const { threads, lookAhead } = this.#parts
    if (threads === 1 || !lookAhead.areTooMany(this.unclaimed)) return false
    return lookAhead.areTooMany(this.runsAhead)
  }

  /** Before main sleeps, since then nobody looks whether runs are claimed. */
  callForAll(): void {
    for (let runs = this.unclaimed; runs > 0 && this.#callWorker(); runs--);
  }

  /** A shared run is settled. */
  noteEnded(run: Run): void {
    if (!run.isShared) return
    this.#unshare(run)
    if (this.#parts.admission.countsPlaces) this.#parts.admission.noteEnded(run)
  }

  #unshare(run: Run): void {
    this.#sharedRuns--
    run.isShared = false
  }

  /** A worker died before it began this run. False when that happened too often. */
  takeBack(run: Run): boolean {
    run.requeues++
    if (run.requeues > MAX_REQUEUES) return false
    this.#unshare(run)
    this.#parts.admission.pushFront(run)
    return true
  }

  /** Sees to it that somebody drains the run queue while runs lie there. */
  ensureDrained(): void {
    if (this.unclaimed > 0) this.#submitDrain()
  }

  /** Starts threads that Piscina did not replace: it gives up on those that die while they start. */
  repair(): void {
    if (!this.#isStopped) this.#parts.pool.refill()
  }

  stop(): void {
    this.#isStopped = true
  }

  /** False when there is nobody left to call. */
  #callWorker(): boolean {
    for (const slot of this.#parts.slots) if (slot.bell.summon()) return true
    return this.#submitDrain()
  }

  #submitDrain(): boolean {
    const slot = this.#isStopped ? undefined : this.#findFreeSlot()
    if (slot === undefined) return false
    const onEnd = (): void => {
      // After its thread's exit a slot may have another one's task.
      if (slot.drainTask === task) slot.drainTask = undefined
      this.ensureDrained()
    }
    const task = this.#parts.pool.drain(slot.index).then(onEnd, onEnd)
    slot.drainTask = task
    slot.drainCount++
    return true
  }

  /** A booted thread without a task; undefined as well when as many as may work have one. */
  #findFreeSlot(): WorkerSlot | undefined {
    let working = 0
    let free: WorkerSlot | undefined
    for (const slot of this.#parts.slots) {
      if (slot.drainTask !== undefined) working++
      else if (slot.state === 'ready' && slot.drainCount > (free?.drainCount ?? -1)) free = slot
    }
    return working < this.#parts.threads ? free : undefined
  }
}
