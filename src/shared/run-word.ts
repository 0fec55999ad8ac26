// One word per worker: which run it is in, and whether that run may still act.
//
//   bits 0–2   state        bits 3–31   generation, one more for each run
//
//   IDLE ──begin──▶ RUNNING ──end──▶ IDLE                      by the worker: the run ended by itself
//                      │
//                      ├──doom──────────────▶ ARMED            by main: an abort
//                      └──arm (deadline)──▶ ARMING ──▶ ARMED   by the watchdog thread, which writes to the VM's memory
//                                              ▲         │     only in between, and again and again:
//                                              └───arm───┤
//                                                        └──yield──▶ IDLE    by the worker: it is out of the run
//                   RUNNING, ARMING, ARMED ──kill──▶ KILLED    by main: the thread will be terminated
//
// Every step is a compare-and-exchange from the exact word (state and generation). So of `end`, `doom`, `arm` and `kill`
// exactly one succeeds first, and whoever wins decides what becomes of the run:
// - A run that has ended is never stopped. A run that left RUNNING is doomed: host functions and the outcome look at
//   the word before anything leaves the VM, so nothing more does; what had left before stays.
// - A VM is written to from outside only while the word is ARMING, and its worker goes on to the next run, which
//   restores the memory, only from ARMED. So no write for one run ever lands in another.
// - A killed run delivers nothing: its worker claims nothing more and waits for its termination.
//
// Beside it the worker stores the run's id and deadline (unless it is the last run's, there already), before `begin`'s
// exchange; the others read them between loading the word and exchanging it, so they belong to that generation whenever
// the exchange succeeds.
// The deadline is in whole milliseconds of the monotonic clock, modulo 2^32, compared by signed difference.

import { type ControlWords, WORKER_DEADLINE, WORKER_RUN_ID, WORKER_RUN_WORD, workerWord } from './layout.js'

const IDLE = 0
const RUNNING = 1
const ARMING = 2
const ARMED = 3
const KILLED = 4
const STATE_MASK = 7
const GENERATION = 8

export class RunWord {
  readonly #words: ControlWords
  readonly #word: number
  readonly #runId: number
  readonly #deadline: number
  /** Worker: the word of the current run as it set it. Watchdog: the word as it armed it. */
  #current = 0
  /** Worker: the deadline it stored last. Nobody else stores one. */
  #deadlineStored: number | undefined

  constructor(words: ControlWords, worker: number) {
    this.#words = words
    this.#word = workerWord(worker, WORKER_RUN_WORD)
    this.#runId = workerWord(worker, WORKER_RUN_ID)
    this.#deadline = workerWord(worker, WORKER_DEADLINE)
    this.#current = Atomics.load(words, this.#word)
  }

  // ── the worker ───────────────────────────────────────────────────────────────────────────────────────────

  /** The run starts. False when the worker is condemned. */
  begin(runId: number, deadlineMs: number): boolean {
    Atomics.store(this.#words, this.#runId, runId)
    const deadline = Math.ceil(deadlineMs) | 0
    if (deadline !== this.#deadlineStored) Atomics.store(this.#words, this.#deadline, deadline)
    this.#deadlineStored = deadline
    const idle = (this.#current & ~STATE_MASK) | IDLE
    const running = (idle + GENERATION) | RUNNING
    this.#current = running
    return this.#exchange(idle, running)
  }

  /** Whether the current run may still act. */
  mayAct(): boolean {
    return Atomics.load(this.#words, this.#word) === this.#current
  }

  /** The run ended by itself. False when it may not any more: `yield` then. */
  end(): boolean {
    const idle = (this.#current & ~STATE_MASK) | IDLE
    if (!this.#exchange(this.#current, idle)) return false
    this.#current = idle
    return true
  }

  /**
   * The worker is out of a run that may not end: it sleeps while the watchdog writes. Once this has returned true nobody
   * writes to its VM. False when it was killed. Should the watchdog die while it writes, main kills the sleeper.
   */
  yield(): boolean {
    const generation = this.#current & ~STATE_MASK
    for (;;) {
      if (this.#exchange(generation | ARMED, generation | IDLE)) {
        this.#current = generation | IDLE
        return true
      }
      const word = Atomics.load(this.#words, this.#word)
      if (word === (generation | ARMING)) Atomics.wait(this.#words, this.#word, word)
      else if (word !== (generation | ARMED)) return false
    }
  }

  // ── the watchdog thread ──────────────────────────────────────────────────────────────────────────────────

  /**
   * Claims the VM's memory for writing if its run is overdue or doomed already. Call `release` soon: the worker may be
   * waiting for it.
   */
  arm(nowMs: number): boolean {
    const word = Atomics.load(this.#words, this.#word)
    const state = word & STATE_MASK
    if (state !== ARMED && (state !== RUNNING || this.#overdueMs(nowMs) < 0)) return false
    this.#current = (word & ~STATE_MASK) | ARMING
    return this.#exchange(word, this.#current)
  }

  /** The watchdog does not write any more. */
  release(): void {
    this.#exchange(this.#current, (this.#current & ~STATE_MASK) | ARMED)
    Atomics.notify(this.#words, this.#word)
  }

  /** Milliseconds until there is something to do for the watchdog as far as this run goes; Infinity when nothing runs. */
  untilDueMs(nowMs: number): number {
    const state = Atomics.load(this.#words, this.#word) & STATE_MASK
    if (state === ARMED || state === ARMING) return 0
    return state === RUNNING ? -this.#overdueMs(nowMs) : Number.POSITIVE_INFINITY
  }

  // ── main ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Dooms this run if it runs here; false when it does not, has just ended, or is doomed already. */
  doom(runId: number): boolean {
    const word = Atomics.load(this.#words, this.#word)
    if ((word & STATE_MASK) !== RUNNING || this.lastRunId() !== runId) return false
    return this.#exchange(word, (word & ~STATE_MASK) | ARMED)
  }

  /** Kills the current run if it is that much past its deadline; returns its id, or 0. */
  killOverdue(nowMs: number, graceMs: number): number {
    const word = Atomics.load(this.#words, this.#word)
    if (!isStoppable(word) || this.#overdueMs(nowMs) < graceMs) return 0
    return this.#kill(word)
  }

  /** Kills this run if it runs here. */
  killRun(runId: number): boolean {
    return this.lastRunId() === runId && this.#killCurrentIf((id) => id === runId) === runId
  }

  /** Kills whatever runs; returns the run's id, or 0 when nothing runs. */
  killCurrent(): number {
    return this.#killCurrentIf(() => true)
  }

  /** After the worker is gone: the run it was in last (ended or not), or 0. */
  lastRunId(): number {
    return Atomics.load(this.#words, this.#runId) >>> 0
  }

  /** After the worker is gone and its run is settled: ready for the next worker, a generation on. */
  reset(): void {
    const next = (Atomics.load(this.#words, this.#word) & ~STATE_MASK) + GENERATION
    Atomics.store(this.#words, this.#runId, 0)
    Atomics.store(this.#words, this.#word, next | IDLE)
  }

  /** The watchdog may arm in between: then the word is read again. */
  #killCurrentIf(isWanted: (runId: number) => boolean): number {
    for (;;) {
      const word = Atomics.load(this.#words, this.#word)
      if (!isStoppable(word) || !isWanted(this.lastRunId())) return 0
      const runId = this.#kill(word)
      if (runId > 0) return runId
    }
  }

  #kill(word: number): number {
    const runId = this.lastRunId()
    return this.#exchange(word, (word & ~STATE_MASK) | KILLED) ? runId : 0
  }

  #overdueMs(nowMs: number): number {
    return ((nowMs | 0) - Atomics.load(this.#words, this.#deadline)) | 0
  }

  #exchange(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, this.#word, from, to) === from
  }
}

const isStoppable = (word: number): boolean => {
  const state = word & STATE_MASK
  return state === RUNNING || state === ARMING || state === ARMED
}
