// One word per worker: which run it is in, and whether that run may still act.
//
//   bits 0–2   state        bits 3–31   generation, one more for each run
//
//   IDLE ──begin──▶ RUNNING ──end──▶ IDLE        by the worker
//                   RUNNING ──kill─▶ KILLED      by main: the thread will be terminated
//
// Every step is a compare-and-exchange from the exact word (state and generation), so of `end` and `kill` exactly one
// succeeds: a run that has ended is never killed, and a killed run delivers nothing: its worker fails `end`, claims
// nothing more and waits for its termination. Host functions look at the word before anything leaves the VM.
//
// Beside it the worker stores the run's id and deadline, before `begin`'s exchange; main reads them between loading the
// word and exchanging it, so they belong to that generation whenever the exchange succeeds.
// The deadline is in whole milliseconds of the monotonic clock, modulo 2^32, compared by signed difference.

import { type ControlWords, WORKER_DEADLINE, WORKER_RUN_ID, WORKER_RUN_WORD, workerWord } from './layout.js'

const IDLE = 0
const RUNNING = 1
const KILLED = 4
const STATE_MASK = 7
const GENERATION = 8

export class RunWord {
  readonly #words: ControlWords
  readonly #word: number
  readonly #runId: number
  readonly #deadline: number
  /** The word of the current run as this worker set it. Main does not use it. */
  #current = 0

  constructor(words: ControlWords, worker: number) {
    this.#words = words
    this.#word = workerWord(worker, WORKER_RUN_WORD)
    this.#runId = workerWord(worker, WORKER_RUN_ID)
    this.#deadline = workerWord(worker, WORKER_DEADLINE)
    this.#current = Atomics.load(words, this.#word)
  }

  /** Worker: the run starts. False when the worker is condemned. */
  begin(runId: number, deadlineMs: number): boolean {
    Atomics.store(this.#words, this.#runId, runId)
    Atomics.store(this.#words, this.#deadline, Math.ceil(deadlineMs) | 0)
    const idle = (this.#current & ~STATE_MASK) | IDLE
    const running = (idle + GENERATION) | RUNNING
    this.#current = running
    return Atomics.compareExchange(this.#words, this.#word, idle, running) === idle
  }

  /** Worker: whether the current run may still act. */
  mayAct(): boolean {
    return Atomics.load(this.#words, this.#word) === this.#current
  }

  /** Worker: the run is over. False when it was killed before: deliver nothing. */
  end(): boolean {
    const idle = (this.#current & ~STATE_MASK) | IDLE
    const ended = Atomics.compareExchange(this.#words, this.#word, this.#current, idle) === this.#current
    this.#current = idle
    return ended
  }

  /** Main: kills the current run if it is past its deadline; returns its id, or 0. */
  killOverdue(nowMs: number): number {
    const word = Atomics.load(this.#words, this.#word)
    if ((word & STATE_MASK) !== RUNNING) return 0
    const overdueMs = ((nowMs | 0) - Atomics.load(this.#words, this.#deadline)) | 0
    if (overdueMs < 0) return 0
    return this.#kill(word)
  }

  /** Main: kills this run if it runs here; false when it does not, or has just ended. */
  killRun(runId: number): boolean {
    const word = Atomics.load(this.#words, this.#word)
    if ((word & STATE_MASK) !== RUNNING || Atomics.load(this.#words, this.#runId) >>> 0 !== runId)
      return false
    return this.#kill(word) === runId
  }

  /** Main: kills whatever runs; returns the run's id, or 0 when nothing runs. */
  killCurrent(): number {
    const word = Atomics.load(this.#words, this.#word)
    return (word & STATE_MASK) === RUNNING ? this.#kill(word) : 0
  }

  #kill(word: number): number {
    const runId = Atomics.load(this.#words, this.#runId) >>> 0
    const killed = (word & ~STATE_MASK) | KILLED
    return Atomics.compareExchange(this.#words, this.#word, word, killed) === word ? runId : 0
  }

  /** Main, after the worker is gone: the run it was in last (ended or not), or 0. */
  lastRunId(): number {
    return Atomics.load(this.#words, this.#runId) >>> 0
  }

  /** Main, after the worker is gone and its run is settled: ready for the next worker, a generation on. */
  reset(): void {
    const next = (Atomics.load(this.#words, this.#word) & ~STATE_MASK) + GENERATION
    Atomics.store(this.#words, this.#runId, 0)
    Atomics.store(this.#words, this.#word, next | IDLE)
  }
}
