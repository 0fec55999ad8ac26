// What threads sleep on. A bell carries no data: it only says "look again".
//
//   the doorbell   one word; main sleeps on it, every worker rings it
//   a bell         two words per worker; that worker sleeps on it, main rings it
//
// Why no call is missed. Each side first publishes what the other must see (a record, a run, room), then looks whether
// the other sleeps; the sleeper first says that it sleeps, then looks once more for what was published. All four are
// sequentially consistent, so at least one of the two sees the other's store:
//
//   ringer:   publish        → exchange "sleeps" for "awake" → if it slept: change the word, notify
//   sleeper:  store "sleeps" → look again                    → wait while the word is unchanged
//
// A worker publishes puts and outcomes by a plain store (ring.ts), so an atomic operation must come between that and its look
// at the doorbell. `ring` has one; before `ringForOutcome` it is the claim of the next run. Of a put main might learn
// late when it falls asleep at that very moment: it looks once more a turn later, and the run's outcome rings.
//
// It is the ringer who marks a sleeper awake, so that a second ring before that thread has really woken goes to somebody
// else. And it looks why a worker sleeps: one that waits inside its run for an answer will not come for another run.

import { createFenceWord, fullFence } from './fence.js'
import {
  type ControlWords,
  DOORBELL,
  WORKER_ASLEEP,
  WORKER_BELL,
  WORKER_LEAVE,
  workerWord,
} from './layout.js'

const forEver = new Int32Array(new SharedArrayBuffer(4))

/** For a worker that main is about to terminate: it must do nothing more. */
export function sleepUntilTerminated(): never {
  for (;;) Atomics.wait(forEver, 0, 0)
}

const AWAKE = 0
/** Main waits for records; a worker waits inside a run, for an answer or for room. */
const ASLEEP = 1
/** A worker waits for a run. */
const IDLE = 2

/** Main is to be woken for the first outcome of any worker, but not for other records. */
export const ONE_OUTCOME: number = -1

/** The word that the main thread is woken by. Main's object of it only sleeps; a worker's only rings. */
export class Doorbell {
  readonly #words: ControlWords
  /** Outcomes of this worker since main was last seen awake or rung. */
  #outcomes = 0
  readonly #fenceWord: Int32Array = createFenceWord()

  constructor(words: ControlWords) {
    this.#words = words
  }

  /** A worker calls this when it goes no further without main, or has no run left. Whether main slept. */
  ring(): boolean {
    fullFence(this.#fenceWord)
    const seen = Atomics.load(this.#words, DOORBELL)
    this.#outcomes = 0
    if (seen === AWAKE || Atomics.compareExchange(this.#words, DOORBELL, seen, AWAKE) !== seen) return false
    Atomics.notify(this.#words, DOORBELL)
    return true
  }

  /** A worker calls this after it published a record that is no outcome. */
  ringForRecord(): void {
    if (Atomics.load(this.#words, DOORBELL) === ASLEEP) this.ring()
  }

  /** A worker calls this after it published an outcome and claimed another run. Whether it woke main, which takes microseconds. */
  ringForOutcome(): boolean {
    const wanted = Atomics.load(this.#words, DOORBELL)
    if (wanted !== AWAKE) return ++this.#outcomes >= wanted && this.ring()
    this.#outcomes = 0
    return false
  }

  /**
   * Main says that it is about to sleep; it must look once more for what it wants to be woken for, then `wait` or
   * `stayAwake`. `outcomes`: as many of one worker wake it, and other records do not.
   */
  prepareToSleep(outcomes: number = ASLEEP): void {
    Atomics.store(this.#words, DOORBELL, outcomes)
  }

  stayAwake(): void {
    Atomics.store(this.#words, DOORBELL, AWAKE)
  }

  /** Main: whether somebody rang since `prepareToSleep`. Costs no worker anything: until then none of them writes here. */
  isRung(): boolean {
    return Atomics.load(this.#words, DOORBELL) === AWAKE
  }

  /** Ends a wait that nobody rang for, so that no waiter is left behind. */
  cancelWait(): void {
    Atomics.store(this.#words, DOORBELL, AWAKE)
    Atomics.notify(this.#words, DOORBELL)
  }

  /** Resolves when somebody rang since `prepareToSleep` of as many outcomes. Does not keep the process alive. */
  wait(outcomes: number = ASLEEP): Promise<unknown> {
    const { async, value } = Atomics.waitAsync(this.#words, DOORBELL, outcomes)
    return async ? value : Promise.resolve(value)
  }
}

/** The word that one worker sleeps on. */
export class Bell {
  readonly #words: ControlWords
  readonly #bell: number
  readonly #asleep: number
  readonly #leave: number

  constructor(words: ControlWords, worker: number) {
    this.#words = words
    this.#bell = workerWord(worker, WORKER_BELL)
    this.#asleep = workerWord(worker, WORKER_ASLEEP)
    this.#leave = workerWord(worker, WORKER_LEAVE)
  }

  /** Main: wakes the worker, for whatever it sleeps. Call it after publishing. Costs one load while it is awake. */
  ring(): void {
    if (Atomics.load(this.#words, this.#asleep) === AWAKE) return
    if (Atomics.exchange(this.#words, this.#asleep, AWAKE) !== AWAKE) this.#wake()
  }

  /** Main: wakes the worker if it waits for a run; returns whether it did, and so will look. Call it after publishing. */
  summon(): boolean {
    if (Atomics.load(this.#words, this.#asleep) !== IDLE) return false
    if (Atomics.compareExchange(this.#words, this.#asleep, IDLE, AWAKE) !== IDLE) return false
    this.#wake()
    return true
  }

  /** Main: whether the worker waits for a run. */
  isIdle(): boolean {
    return Atomics.load(this.#words, this.#asleep) === IDLE
  }

  #wake(): void {
    Atomics.add(this.#words, this.#bell, 1)
    Atomics.notify(this.#words, this.#bell)
  }

  /** Main: wants the worker to end its drain task, so that its control port is served; or no longer. */
  askToLeave(isAsked: boolean): void {
    Atomics.store(this.#words, this.#leave, isAsked ? 1 : 0)
    if (isAsked) this.ring()
  }

  isAskedToLeave(): boolean {
    return Atomics.load(this.#words, this.#leave) === 1
  }

  /** Worker: says that it is about to sleep and returns what to hand to `sleep`; look once more in between. */
  prepareToSleep(): number {
    return this.#prepare(ASLEEP)
  }

  /** The same for a worker that has no run: it can be summoned. */
  prepareToIdle(): number {
    return this.#prepare(IDLE)
  }

  #prepare(why: number): number {
    const seen = Atomics.load(this.#words, this.#bell)
    Atomics.store(this.#words, this.#asleep, why)
    return seen
  }

  stayAwake(): void {
    Atomics.store(this.#words, this.#asleep, AWAKE)
  }

  /** Worker: sleeps until rung or for `timeoutMs`; false when the time passed without a ring. */
  sleep(seen: number, timeoutMs: number): boolean {
    const answer = Atomics.wait(this.#words, this.#bell, seen, timeoutMs)
    Atomics.store(this.#words, this.#asleep, AWAKE)
    return answer !== 'timed-out'
  }

  /** Main, after the worker is gone. */
  reset(): void {
    Atomics.store(this.#words, this.#asleep, AWAKE)
    Atomics.store(this.#words, this.#leave, 0)
  }
}
