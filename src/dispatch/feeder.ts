// Brings runs from admission to the workers: into the run queue, as far ahead as the look-ahead allows, and workers to
// the run queue.
//
// No run is left lying while a thread is free. Calling a worker means: summon one that waits for a run, or else submit
// another drain task to a booted thread that has none, up to `threads` of them: there may be more threads, but no more
// than that work at a time. The one that had most goes first: its code is warm, and a spare one stays as it booted.
// A task ends with its thread at the latest, so the next thread takes over only when the dead one is gone.
// It wakes a thread, so it is done only when it is worth it:
//
//   a run is published into the empty queue, or runs are slow       one is called for it; put off a little where runs are
//                                                                   short and the worker sleeps (put-off-call.ts)
//   a turn has passed and none of the waiting runs was claimed,
//   though whoever was called has had the time to come              one more is called, unless the call is put off
//   those that work have more of short runs before them than the
//   look-ahead would give each                                      one more is called at such a turn
//   main is about to sleep, or sleeps when runs are accepted        one for each run that still waits, likewise
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
import { PutOffCall } from './put-off-call.js'
import type { Run, TenantKey } from './run.js'
import type { WorkerSlot } from './worker-slots.js'

/** Who was called so lately is on the way: a sleeping thread takes 20 to 90 µs to wake, a drain task some hundred to arrive. */
const WAKING_US = 100
const ARRIVING_US = 500

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
  readonly #putOffCall: PutOffCall
  /** Calls since a run was claimed last, where the workers were in the run queue then, and until when who was called may come. */
  #calls = 0
  #claimedAtCall = 0
  #comesUntilMs = 0
  /** Where the workers were in the run queue a turn ago. */
  #claimedBefore = 0

  constructor(parts: FeederParts, nowMs: () => number = () => performance.now()) {
    this.#parts = parts
    this.#nowMs = nowMs
    const callIfNeeded = (): void => {
      if (this.unclaimed > 0) this.#callWorker()
    }
    this.#putOffCall = new PutOffCall(() => parts.lookAhead.runUs, callIfNeeded, nowMs)
  }

  /** Runs in the run queue that no worker has claimed. */
  get unclaimed(): number {
    return Math.max(0, Math.min(this.#parts.queue.waiting, this.#sharedRuns))
  }

  /** Runs that one working thread has before it, about; 0 when they are slow. */
  get runsAhead(): number {
    if (!this.#parts.lookAhead.expectsSoon) return 0
    return Math.floor(this.unclaimed / Math.max(1, this.#countWorking()))
  }

  /** Threads that are in runs which take long; 0 when runs are short. */
  get inSlowRuns(): number {
    return this.#parts.lookAhead.expectsSoon ? 0 : this.#countWorking()
  }

  /** Threads that are at the run queue, or in a run: those that sleep take nothing, however long main dozes. */
  #countWorking(): number {
    let working = 0
    for (const { drainTask, bell } of this.#parts.slots) {
      if (drainTask !== undefined && !bell.isIdle()) working++
    }
    return working
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
    if (!isWorthACall) this.#putOffCall.countRun()
    else if (mayWait && isSoon && this.hasIdleWorker()) this.#putOffCall.begin()
    else this.#callWorker()
    return true
  }

  /** Whether a worker sleeps until it is called for a run. */
  hasIdleWorker(): boolean {
    for (const slot of this.#parts.slots) if (slot.bell.isIdle()) return true
    return false
  }

  /** The host has done what it does for now. */
  endPhase(): void {
    this.#putOffCall.endPhase()
  }

  /** Once per turn: the workers that are awake may all be in long runs, or have more before them than they should. */
  reinforce(): void {
    const { claimed } = this.#parts.queue
    const isLeft = claimed === this.#claimedBefore && !this.#putOffCall.isGathering
    const isCallDue = isLeft || this.#areTooMany()
    if (isCallDue && this.unclaimed > 0 && this.#countComing() === 0) this.#callWorker()
    this.#claimedBefore = claimed
  }

  #areTooMany(): boolean {
    const { threads, lookAhead } = this.#parts
    if (threads === 1 || !lookAhead.areTooMany(this.unclaimed)) return false
    return lookAhead.areTooMany(this.runsAhead)
  }

  /**
   * Before main sleeps, since then nobody looks whether runs are claimed. Says whether runs are left to those on the way: to be
   * called again later, since one of them may be about to die.
   */
  callForAll(): boolean {
    if (this.#putOffCall.isGathering) return true
    for (let runs = this.unclaimed - this.#countComing(); runs > 0 && this.#callWorker(); runs--);
    return this.unclaimed > 0 && this.#countComing() > 0
  }

  /** Workers that were called and are not there yet: each of them takes a run. Too few once one has been claimed since. */
  #countComing(): number {
    if (this.#calls === 0 || this.#parts.queue.claimed !== this.#claimedAtCall) return 0
    return this.#nowMs() < this.#comesUntilMs ? this.#calls : 0
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
    this.#putOffCall.drop()
    // Read before anybody is called: a worker may have come, and claimed, before main goes on.
    const { claimed } = this.#parts.queue
    const coming = this.#countComing()
    const isSummoned = this.#summon()
    if (!isSummoned && !this.#submitDrain()) return false
    this.#calls = (claimed === this.#claimedAtCall ? coming : 0) + 1
    this.#claimedAtCall = claimed
    this.#comesUntilMs = this.#nowMs() + (isSummoned ? WAKING_US : ARRIVING_US) / 1000
    return true
  }

  #summon(): boolean {
    for (const slot of this.#parts.slots) if (slot.bell.summon()) return true
    return false
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
