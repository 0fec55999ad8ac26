// Main's loop over the outboxes: when it looks, and when it sleeps.
//
//   IDLE ──a run was accepted──▶ POLLING ──nothing came for MAIN_POLL_US──▶ ASLEEP ──doorbell──▶ POLLING
//                                  │ │       (at once, where polling was in vain lately, or workers in slow runs have all cores)
//                                  │ ├──short runs lie ahead──────────────────▶ DOZING ──doorbell, or DOZE_MS──▶ POLLING
//                                  │ │                                            ▲ it should have been rung
//                                  │ └──very short ones, and main has a core──▶ WATCHING ──doorbell──▶ POLLING
//                                  └────────── no run is left ──▶ IDLE
//
// POLLING looks at every outbox once per turn of the event loop, a bounded number of messages each and for a bounded time in
// all, so timers and sockets of the host are served between. What one message costs is not bounded here: a listener of
// printed lines takes as long as it takes. After a turn that was cut short the next begins with the worker behind. In IDLE
// nothing is scheduled: an idle engine uses no CPU.
//
// DOZING and WATCHING wait for a number of outcomes: while workers have short runs before them, nobody gains by looking at each
// turn, and the turns cost more than the records. Main is rung when one worker has that number, or has run dry, or
// waits for main. Dozing it sleeps until then; watching it takes turns that look at the doorbell alone. How many, and which
// of the two, stands in doze-policy.ts.
//
// It decides in the turn after one in which something came: only then it knows what the host asked for thereupon. Where no
// run lies ahead somebody waits for the one that is out, and main polls, if that takes no core from it. Writes and prints wait
// with the outcomes, DOZE_MS at the most, and as long as main watches before.
//
// ASLEEP, it is woken by what workers say. A run that says nothing for long wakes nobody, and one that was accepted meanwhile
// may lie behind it: so main calls once more for all that wait, one or two milliseconds later, until nobody is left to call.
//
// Why no doze lasts for ever even without that bound: main says that it dozes, then looks whether a run lies there unclaimed.
// Whoever claims it does so after main's word was stored, and rings when it finds no other run. (Had all been claimed,
// a worker might have rung in vain before, so main stays awake.) What was published just before main's word is so taken with
// the next outcomes. Watching is the same word, looked at instead of waited for, so all this holds for it too; and what
// rings between main's last look and its sleep has changed the word, so that it does not sleep.

import { performance } from 'node:perf_hooks'
import { DRAIN_TURN_MESSAGES, DRAIN_TURN_US, MAIN_POLL_US } from '../limits.js'
import { type Doorbell, ONE_OUTCOME } from '../shared/bells.js'
import { PollingPolicy } from '../shared/polling-policy.js'
import { type DozeFacts, outcomesWorthWaiting, watchUs } from './doze-policy.js'
import type { WorkerSlot } from './worker-slots.js'

/** So many messages pass between two looks at the time. */
const MESSAGES_PER_LOOK = 4
/** A worker that has some outcomes and then takes a long run does not ring. */
const DOZE_MS = 1
/** So long, or up to a millisecond less, main sleeps on before it calls again. Whoever was called has mostly come by then. */
const CALL_AGAIN_MS = 2

export interface DrainEvents extends DozeFacts {
  readonly onMessage: (slot: WorkerSlot) => void
  /** After each turn; says whether runs are left. */
  readonly onTurn: () => boolean
  /** Whether a worker waits for a run: then it is worth telling when the host has gone on after a turn. */
  readonly hasIdleWorker: () => boolean
  /** After a turn that took something, when the host's code has run that waited for it. */
  readonly afterTurn: () => void
  /** From here on only the doorbell makes main look. Says whether it is to be called again in a while, if main sleeps then. */
  readonly onSleep: () => boolean
  /** Whether main would take a core from no worker that is in a slow run. */
  readonly hasCoreToPoll: () => boolean
}

export class Drain {
  readonly #doorbell: Doorbell
  readonly #slots: readonly WorkerSlot[]
  readonly #events: DrainEvents
  readonly #nowMs: () => number
  #state: 'idle' | 'polling' | 'asleep' | 'dozing' | 'watching' = 'idle'
  #dozeTimer: NodeJS.Timeout | undefined
  #callTimer: NodeJS.Timeout | undefined
  /** What main watches for, and how long it does so. */
  #watchedOutcomes = 0
  #watchUntilMs = 0
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

  /**
   * A run was accepted, or may have found room. Asleep, main stays so: it has learnt that looking would be in vain, and the
   * doorbell wakes it.
   */
  wake(): void {
    if (this.#state === 'asleep') this.#callLater()
    if (this.#state !== 'idle') return
    this.#sleep++
    this.#startPolling()
    setImmediate(this.#turn)
  }

  #callLater(): void {
    this.#callTimer ??= setTimeout(this.#callAgain, CALL_AGAIN_MS).unref()
  }

  readonly #callAgain = (): void => {
    this.#callTimer = undefined
    if (this.#state === 'asleep' && this.#events.onSleep()) this.#callLater()
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
    // A tick from a microtask comes behind all microtasks: behind what the host does about what was settled.
    if (taken > 0 && this.#events.hasIdleWorker()) queueMicrotask(this.#afterMicrotasks)
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

  readonly #afterMicrotasks = (): void => process.nextTick(this.#events.afterTurn)

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
      return this.#events.hasCoreToPoll() && this.#policy.shouldPoll()
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

  /** False when too few outcomes are to be expected. */
  #doze(): boolean {
    const count = outcomesWorthWaiting(this.#events)
    if (count === 0) return false
    const outcomes = count === 1 ? ONE_OUTCOME : count
    this.#doorbell.prepareToSleep(outcomes)
    // A worker that had run dry before would ring no more.
    if (this.#events.runsAhead() === 0) {
      this.#doorbell.stayAwake()
      return false
    }
    const watchMs = watchUs(count, this.#events) / 1000
    if (watchMs > 0) this.#beginWatch(outcomes, watchMs)
    else this.#sleepUntilRung(outcomes)
    return true
  }

  #sleepUntilRung(outcomes: number): void {
    this.#dozeTimer ??= setTimeout(this.#endDoze, DOZE_MS).unref()
    this.#state = 'dozing'
    this.#wait(outcomes)
  }

  #beginWatch(outcomes: number, watchMs: number): void {
    this.#state = 'watching'
    this.#watchedOutcomes = outcomes
    this.#watchUntilMs = this.#nowMs() + watchMs
    setImmediate(this.#watch)
  }

  readonly #watch = (): void => {
    if (this.#state !== 'watching') return
    if (this.#doorbell.isRung()) {
      this.#startPolling()
      this.#turn()
    } else if (this.#nowMs() < this.#watchUntilMs) setImmediate(this.#watch)
    else this.#sleepUntilRung(this.#watchedOutcomes)
  }

  readonly #endDoze = (): void => {
    this.#dozeTimer = undefined
    if (this.#state === 'dozing') this.#endSleep()
  }

  #fallAsleep(): void {
    if (this.#events.onSleep()) this.#callLater()
    this.#doorbell.prepareToSleep()
    for (const slot of this.#slots) if (slot.replies.hasBacklog) slot.replies.flush()
    if (this.#slots.some((slot) => slot.outbox.ring.hasNext())) {
      this.#doorbell.stayAwake()
      setImmediate(this.#turn)
      return
    }
    this.#state = 'asleep'
    this.#wait()
    const sleep = this.#sleep
    setImmediate(() => this.#lookOnceMore(sleep))
  }

  /** Of a put that was on its way to memory while main fell asleep nobody rings before its run's outcome: see bells.ts. */
  #lookOnceMore(sleep: number): void {
    if (this.#state !== 'asleep' || sleep !== this.#sleep) return
    if (this.#slots.some((slot) => slot.outbox.ring.hasNext())) this.#endSleep()
  }

  #endSleep(): void {
    this.#sleep++
    this.#doorbell.cancelWait()
    this.#startPolling()
    this.#turn()
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
