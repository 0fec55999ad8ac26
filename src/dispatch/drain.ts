// Main's loop over the outboxes: when it looks, and when it sleeps.
//
//   IDLE ──a run was accepted──▶ POLLING ──nothing came for MAIN_POLL_US──▶ ASLEEP ──doorbell──▶ POLLING
//                                   │        (at once, where polling was in vain lately)
//                                   └────────── no run is left ──▶ IDLE
//
// POLLING looks at every outbox once per turn of the event loop, a bounded number of messages each, so timers and
// sockets of the host are served between. In IDLE nothing is scheduled: an idle engine uses no CPU.

import { performance } from 'node:perf_hooks'
import { MAIN_POLL_US } from '../limits.js'
import type { Doorbell } from '../shared/bells.js'
import { PollingPolicy } from '../shared/polling-policy.js'
import type { WorkerSlot } from './worker-slots.js'

/** Messages taken from one outbox in one turn. */
const BATCH = 256

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
  #state: 'idle' | 'polling' | 'asleep' = 'idle'
  /** Counts sleeps, so that a wait that was given up does nothing when it settles. */
  #sleep = 0
  readonly #policy = new PollingPolicy()
  /** Since when nothing has come; undefined while something comes at each turn. */
  #waitingSinceMs: number | undefined

  constructor(doorbell: Doorbell, slots: readonly WorkerSlot[], events: DrainEvents) {
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
      this.#waitingSinceMs = performance.now()
      return this.#policy.shouldPoll()
    }
    if ((performance.now() - this.#waitingSinceMs) * 1000 < MAIN_POLL_US) return true
    this.#policy.noteFailure()
    return false
  }

  #takeBatch(): number {
    let taken = 0
    for (const slot of this.#slots) {
      const { outbox } = slot
      const before = taken
      while (taken - before < BATCH && outbox.next()) {
        taken++
        this.#events.onMessage(slot)
      }
      if (outbox.ring.release()) slot.bell.ring()
      if (slot.replies.hasBacklog) slot.replies.flush()
    }
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
