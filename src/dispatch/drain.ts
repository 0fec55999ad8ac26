// Main's loop over the outboxes: when it looks, and when it sleeps.
//
//   IDLE ──a run was accepted──▶ POLLING ──nothing came for MAIN_POLL_US──▶ ASLEEP ──doorbell──▶ POLLING
//                                  │ │       (at once, where polling was in vain lately)
//                                  │ └──short runs lie ahead───────▶ DOZING ──doorbell, or DOZE_MS──▶ POLLING
//                                  └────────── no run is left ──▶ IDLE
//
// POLLING looks at every outbox once per turn of the event loop, a bounded number of messages each and for a bounded time in
// all, so timers and sockets of the host are served between. What one message costs is not bounded here: a listener of
// printed lines takes as long as it takes. After a turn that was cut short the next begins with the worker behind. In IDLE
// nothing is scheduled: an idle engine uses no CPU.
//
// DOZING saves main's time: while workers have short runs before them, nobody gains by looking at each turn, and the turns
// cost more than the records. So main sleeps until one worker has a number of outcomes, or has run dry, or waits for main.
// It is rung while the worker has about WAKING_US of work left, so no worker runs dry meanwhile. A wake-up costs main 20 µs
// and the worker 10. Where workers take all cores, that is less than polling takes from them, so main dozes for few outcomes
// too, if they take MIN_DOZE_US. With a core of its own it would cost throughput: of runs of tens of microseconds as few lie
// ahead that the wake-ups would cost the worker 5 to 10 %; so there main polls beside them.
//
// It decides in the turn after one in which something came: only then it knows what the host asked for thereupon. Where no
// run lies ahead somebody waits for the one that is out, and main polls. Writes and prints wait with the outcomes, DOZE_MS
// at the most.
//
// Why no doze lasts for ever even without that bound: main says that it dozes, then looks whether a run lies there unclaimed.
// Whoever claims it does so after main's word was stored, and rings when it finds no other run. (Had all been claimed,
// a worker might have rung in vain before, so main stays awake.) What was published just before main's word is so taken with
// the next outcomes.

import { performance } from 'node:perf_hooks'
import { DRAIN_TURN_MESSAGES, DRAIN_TURN_US, MAIN_POLL_US } from '../limits.js'
import { type Doorbell, ONE_OUTCOME } from '../shared/bells.js'
import { PollingPolicy } from '../shared/polling-policy.js'
import type { WorkerSlot } from './worker-slots.js'

/** So many messages pass between two looks at the time. */
const MESSAGES_PER_LOOK = 4
/** So many outcomes are worth being woken for, */
const MIN_DOZE_OUTCOMES = 4
/** and fewer are where main sleeps so long for them. */
const MIN_DOZE_US = 50
/** With a core of its own main polls beside less than so much. */
const MIN_RUNS_WITH_OWN_CORE = 2 * MIN_DOZE_OUTCOMES
const MAX_DOZE_OUTCOMES = 48
/** A worker is left so much work to do until main is awake, */
const WAKING_US = 60
/** but no more than so many runs, or half of what it had. */
const RUNS_WHILE_WAKING = 20
/** A worker that has some outcomes and then takes a long run does not ring. */
const DOZE_MS = 1

export interface DrainEvents {
  readonly onMessage: (slot: WorkerSlot) => void
  /** After each turn; says whether runs are left. */
  readonly onTurn: () => boolean
  /** Runs that one working thread has before it, about; 0 when they are slow. */
  readonly runsAhead: () => number
  /** What a run takes, about. */
  readonly runUs: () => number
  /** Whether there is a core for main beside those of the workers. */
  readonly hasOwnCore: boolean
  /** Nothing came for a while: from here on only the doorbell makes main look. */
  readonly onSleep: () => void
}

export class Drain {
  readonly #doorbell: Doorbell
  readonly #slots: readonly WorkerSlot[]
  readonly #events: DrainEvents
  readonly #nowMs: () => number
  #state: 'idle' | 'polling' | 'asleep' | 'dozing' = 'idle'
  #dozeTimer: NodeJS.Timeout | undefined
  /** Counts sleeps, so that a wait that was given up does nothing when it settles. */
  #sleep = 0
  readonly #policy = new PollingPolicy()
  /** The worker whose outbox comes first in the next turn. */
  #firstSlot = 0
  #isTurnOver = false
  /** Whether something came in the turn before: what the host asks for thereupon is known by now. */
  #cameBefore = false
  /** Since when nothing has come; undefined while something comes at each turn. */
  #waitingSinceMs: number | undefined

  constructor(
    doorbell: Doorbell,
    slots: readonly WorkerSlot[],
    events: DrainEvents,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#nowMs = nowMs
    this.#doorbell = doorbell
    this.#slots = slots
    this.#events = events
  }

  /** A run was accepted. Asleep, main stays so: it has learnt that looking would be in vain, and the doorbell wakes it. */
  wake(): void {
    if (this.#state !== 'idle') return
    this.#sleep++
    this.#startPolling()
    setImmediate(this.#turn)
  }

  /** Looks at one outbox until it is empty: the last thing after its worker is gone. */
  finish(slot: WorkerSlot): void {
    while (slot.outbox.next()) this.#events.onMessage(slot)
    slot.outbox.ring.release()
  }

  stop(): void {
    this.#state = 'idle'
    this.#sleep++
    this.#doorbell.cancelWait()
  }

  readonly #turn = (): void => {
    if (this.#state !== 'polling') return
    const taken = this.#takeBatch()
    if (!this.#events.onTurn()) {
      this.#state = 'idle'
      return
    }
    const mayDoze = this.#cameBefore && !this.#isTurnOver
    this.#cameBefore = taken > 0
    if (taken > 0) this.#hasCome()
    if (mayDoze && this.#doze()) return
    if (taken > 0 || this.#isWorthPolling()) setImmediate(this.#turn)
    else this.#fallAsleep()
  }

  /** Woken, main takes one turn and dozes no sooner than after the next: the loop's other phases come between. */
  #startPolling(): void {
    this.#state = 'polling'
    this.#cameBefore = false
    this.#waitingSinceMs = undefined
  }

  #hasCome(): void {
    if (this.#waitingSinceMs !== undefined) this.#policy.noteSuccess()
    this.#waitingSinceMs = undefined
  }

  #isWorthPolling(): boolean {
    if (this.#waitingSinceMs === undefined) {
      this.#waitingSinceMs = this.#nowMs()
      return this.#policy.shouldPoll()
    }
    if ((this.#nowMs() - this.#waitingSinceMs) * 1000 < MAIN_POLL_US) return true
    this.#policy.noteFailure()
    return false
  }

  #takeBatch(): number {
    const slots = this.#slots
    const first = this.#firstSlot
    const endMs = this.#nowMs() + DRAIN_TURN_US / 1000
    this.#isTurnOver = false
    let taken = 0
    for (let i = 0; i < slots.length && !this.#isTurnOver; i++) {
      const index = (first + i) % slots.length
      const slot = slots[index] as WorkerSlot
      // A thread that never drained the run queue has nothing to say.
      if (slot.drainCount === 0) continue
      taken += this.#takeFrom(slot, endMs)
      if (this.#isTurnOver) this.#firstSlot = (index + 1) % slots.length
    }
    return taken
  }

  #takeFrom(slot: WorkerSlot, endMs: number): number {
    const { outbox } = slot
    let taken = 0
    while (taken < DRAIN_TURN_MESSAGES && !this.#isTurnOver && outbox.next()) {
      taken++
      this.#events.onMessage(slot)
      this.#isTurnOver = taken % MESSAGES_PER_LOOK === 0 && this.#nowMs() >= endMs
    }
    if (outbox.ring.release()) slot.bell.ring()
    if (slot.replies.hasBacklog) slot.replies.flush()
    return taken
  }

  /** 0 when too few are to be expected. */
  #outcomesWorthAWake(): number {
    const runs = this.#events.runsAhead()
    if (runs === 0) return 0
    const runUs = Math.max(1, this.#events.runUs())
    // The worker has another run in hand by then.
    const runsLeft = Math.min(RUNS_WHILE_WAKING, Math.ceil(WAKING_US / runUs) - 1)
    const outcomes = Math.min(MAX_DOZE_OUTCOMES, Math.max(runs >> 1, runs - runsLeft))
    const isWorthIt = this.#events.hasOwnCore
      ? runs >= MIN_RUNS_WITH_OWN_CORE
      : outcomes >= MIN_DOZE_OUTCOMES || outcomes * runUs >= MIN_DOZE_US
    return isWorthIt ? outcomes : 0
  }

  /** False when too few outcomes are to be expected. */
  #doze(): boolean {
    const count = this.#outcomesWorthAWake()
    if (count === 0) return false
    const outcomes = count === 1 ? ONE_OUTCOME : count
    this.#doorbell.prepareToSleep(outcomes)
    // A worker that had run dry before would ring no more.
    if (this.#events.runsAhead() === 0) {
      this.#doorbell.stayAwake()
      return false
    }
    this.#dozeTimer ??= setTimeout(this.#endDoze, DOZE_MS).unref()
    this.#state = 'dozing'
    this.#wait(outcomes)
    return true
  }

  readonly #endDoze = (): void => {
    this.#dozeTimer = undefined
    if (this.#state !== 'dozing') return
    this.#sleep++
    this.#doorbell.cancelWait()
    this.#startPolling()
    this.#turn()
  }

  #fallAsleep(): void {
    this.#events.onSleep()
    this.#doorbell.prepareToSleep()
    for (const slot of this.#slots) if (slot.replies.hasBacklog) slot.replies.flush()
    if (this.#slots.some((slot) => slot.outbox.ring.hasNext())) {
      this.#doorbell.stayAwake()
      setImmediate(this.#turn)
      return
    }
    this.#state = 'asleep'
    this.#wait()
  }

  #wait(outcomes?: number): void {
    const sleep = ++this.#sleep
    this.#doorbell.wait(outcomes).then(
      () => {
        if (sleep !== this.#sleep) return
        this.#startPolling()
        this.#turn()
      },
      () => {},
    )
  }
}
