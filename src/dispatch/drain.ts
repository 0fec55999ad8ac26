// Main's loop over the outboxes: when it looks, and when it sleeps.
//
//   IDLE ──a run was accepted──▶ POLLING ──nothing came for MAIN_POLL_US──▶ ASLEEP ──doorbell──▶ POLLING
//                                   │        (at once, where polling was in vain lately)
//                                   └────────── no run is left ──▶ IDLE
//
// POLLING looks at every outbox once per turn of the event loop, a bounded number of messages each and for a bounded time in
// all, so timers and sockets of the host are served between. What one message costs is not bounded here: a listener of
// printed lines takes as long as it takes. After a turn that was cut short the next begins with the worker behind. In IDLE nothing is scheduled: an idle engine uses no CPU.

import { performance } from 'node:perf_hooks'
import { DRAIN_TURN_MESSAGES, DRAIN_TURN_US, MAIN_POLL_US } from '../limits.js'
import type { Doorbell } from '../shared/bells.js'
import { PollingPolicy } from '../shared/polling-policy.js'
import type { WorkerSlot } from './worker-slots.js'

/** So many messages pass between two looks at the time. */
const MESSAGES_PER_LOOK = 4

export interface DrainEvents {
  readonly onMessage: (slot: WorkerSlot) => void
  /** After each turn; says whether runs are left. */
  readonly onTurn: () => boolean
  /** Nothing came for a while: from here on only the doorbell makes main look. */
  readonly onSleep: () => void
}

export class Drain {
  readonly #doorbell: Doorbell
  readonly #slots: readonly WorkerSlot[]
  readonly #events: DrainEvents
  readonly #nowMs: () => number
  #state: 'idle' | 'polling' | 'asleep' = 'idle'
  /** Counts sleeps, so that a wait that was given up does nothing when it settles. */
  #sleep = 0
  readonly #policy = new PollingPolicy()
  /** The worker whose outbox comes first in the next turn. */
  #firstSlot = 0
  #isTurnOver = false
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
    if (taken > 0 ? this.#hasCome() : this.#isWorthPolling()) setImmediate(this.#turn)
    else this.#fallAsleep()
  }

  #startPolling(): void {
    this.#state = 'polling'
    this.#waitingSinceMs = undefined
  }

  #hasCome(): true {
    if (this.#waitingSinceMs !== undefined) this.#policy.noteSuccess()
    this.#waitingSinceMs = undefined
    return true
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
      taken += this.#takeFrom(slots[index] as WorkerSlot, endMs)
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
    const sleep = ++this.#sleep
    this.#doorbell.wait().then(
      () => {
        if (sleep !== this.#sleep) return
        this.#startPolling()
        this.#turn()
      },
      () => {},
    )
  }
}
