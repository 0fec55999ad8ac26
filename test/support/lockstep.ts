// Runs small concurrent programs in every order of their atomic operations.
//
// Each actor is a function in a thread of its own that calls the code under test itself. Its thread stops before each
// operation on `Atomics`; this scheduler lets one go at a time, and goes through all orders depth first: after a schedule
// it takes the last choice that has another alternative and repeats the program up to there. A bound on preemptions
// (taking the turn from an actor that could go on) keeps larger programs small: most bugs need one or two.
// `Atomics.wait` sleeps until somebody notifies its word; a sleep with a time limit may also time out at any moment.
// What this does not show is what lies between atomic operations: plain accesses happen with the operation before them.

import assert from 'node:assert/strict'
import { Worker } from 'node:worker_threads'
import * as at from './lockstep-words.js'

export interface Program {
  /** The compiled module that exports `actors`. */
  readonly moduleUrl: URL
  readonly actors: readonly string[]
  /** What the actors share, as it is when a schedule begins. */
  readonly memory: Readonly<Record<string, SharedArrayBuffer>>
  /** Actor that may die before any of its operations. */
  readonly mortal?: number
  /** Actor that begins only when the mortal one is dead. */
  readonly undertaker?: number
  readonly maxPreemptions?: number
  /** Called after each schedule; throws when it went wrong. */
  readonly check: (end: End) => void
}

/** How a schedule ended. */
export interface End {
  /** What each actor logged. */
  readonly logs: readonly (readonly number[])[]
  /** Actors that sleep and will not be woken. */
  readonly asleep: readonly number[]
  readonly isDead: boolean
}

interface Choice {
  readonly thread: number
  readonly turn: number
}

interface Decision {
  readonly alternatives: readonly Choice[]
  taken: number
}

const MAX_STEPS = 400

class Scheduler {
  readonly #program: Program
  readonly #threads: number
  readonly #control: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #workers: Worker[]
  readonly #initial: readonly (readonly [SharedArrayBuffer, Uint8Array])[]
  #path: Decision[] = []
  #notified = new Set<number>()
  #isDead = false
  #last = -1
  #preemptions = 0

  constructor(program: Program) {
    this.#program = program
    this.#threads = program.actors.length
    this.#control = new SharedArrayBuffer(at.textAt(this.#threads, this.#threads))
    this.#words = new Int32Array(this.#control)
    this.#initial = Object.values(program.memory).map(
      (memory) => [memory, new Uint8Array(memory).slice()] as const,
    )
    this.#workers = program.actors.map((actor, thread) => {
      const { moduleUrl, memory } = program
      const workerData: at.ThreadData = {
        control: this.#control,
        threads: this.#threads,
        thread,
        moduleUrl: moduleUrl.href,
        actor,
        memory,
      }
      return new Worker(new URL('./lockstep-thread.js', import.meta.url), { workerData })
    })
    for (let thread = 0; thread < this.#threads; thread++) this.#settle(thread)
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  /** Runs all schedules; returns how many there were. */
  explore(): number {
    for (let schedules = 1; ; schedules++) {
      const end = this.#run()
      try {
        this.#program.check(end)
      } catch (error) {
        throw new Error(`schedule ${schedules}: ${this.#described()}`, { cause: error })
      }
      let last = this.#path.at(-1)
      while (last !== undefined && last.taken + 1 === last.alternatives.length) {
        this.#path.pop()
        last = this.#path.at(-1)
      }
      if (last === undefined) return schedules
      last.taken++
    }
  }

  #run(): End {
    this.#begin()
    for (let step = 0; ; step++) {
      assert.ok(step < MAX_STEPS, `the program does not end: ${this.#described()}`)
      const alternatives = this.#alternatives()
      if (alternatives.length === 0) break
      let decision = this.#path[step]
      if (decision === undefined) {
        decision = { alternatives, taken: 0 }
        this.#path.push(decision)
      }
      assert.equal(alternatives.length, decision.alternatives.length, 'the program is not deterministic')
      this.#take(alternatives[decision.taken] as Choice)
    }
    return this.#end()
  }

  #begin(): void {
    for (const [memory, bytes] of this.#initial) new Uint8Array(memory).set(bytes)
    this.#notified.clear()
    this.#isDead = false
    this.#last = -1
    this.#preemptions = 0
    for (let thread = 0; thread < this.#threads; thread++) {
      this.#words[at.lineOf(thread) + at.LOG_LENGTH] = 0
      this.#give(thread, at.START)
    }
  }

  /** What may happen next; going on with the same actor comes first. */
  #alternatives(): Choice[] {
    const { mortal = -1, undertaker = -1, maxPreemptions = Number.POSITIVE_INFINITY } = this.#program
    const choices: Choice[] = []
    const canGoOn = this.#last >= 0 && this.#isRunnable(this.#last)
    for (let i = 0; i < this.#threads; i++) {
      const thread = this.#last < 0 ? i : (this.#last + i) % this.#threads
      if (thread === undertaker && !this.#isDead) continue
      if (canGoOn && thread !== this.#last && this.#preemptions >= maxPreemptions) continue
      const state = this.#state(thread)
      if (this.#isRunnable(thread)) choices.push({ thread, turn: at.GO })
      else if (state === at.ASLEEP && this.#words[at.lineOf(thread) + at.MAY_TIME_OUT] === 1) {
        choices.push({ thread, turn: at.TIME_OUT })
      }
      if (thread === mortal && state === at.AT_STEP) choices.push({ thread, turn: at.DIE })
    }
    return choices
  }

  #take({ thread, turn }: Choice): void {
    if (this.#last >= 0 && thread !== this.#last && this.#isRunnable(this.#last)) this.#preemptions++
    this.#last = thread
    this.#notified.delete(thread)
    this.#give(thread, turn)
    if (turn === at.DIE) this.#isDead = true
    const line = at.lineOf(thread)
    const notified = (this.#words[line + at.NOTIFIED] as number) - 1
    this.#words[line + at.NOTIFIED] = 0
    if (notified < 0) return
    for (let other = 0; other < this.#threads; other++) {
      const sleepsOn = this.#words[at.lineOf(other) + at.SLEEPS_ON]
      if (this.#state(other) === at.ASLEEP && sleepsOn === notified) this.#notified.add(other)
    }
  }

  #end(): End {
    const asleep: number[] = []
    const logs: number[][] = []
    for (let thread = 0; thread < this.#threads; thread++) {
      if (this.#state(thread) === at.ASLEEP) asleep.push(thread)
      if (this.#state(thread) === at.ASLEEP || this.#state(thread) === at.AT_STEP) this.#give(thread, at.DIE)
      const line = at.lineOf(thread)
      const length = this.#words[line + at.LOG_LENGTH] as number
      logs.push([...this.#words.subarray(line + at.LOG, line + at.LOG + length)])
    }
    return { logs, asleep, isDead: this.#isDead }
  }

  #state(thread: number): number {
    return Atomics.load(this.#words, at.lineOf(thread) + at.STATE)
  }

  #isRunnable(thread: number): boolean {
    const state = this.#state(thread)
    return state === at.AT_STEP || (state === at.ASLEEP && this.#notified.has(thread))
  }

  #give(thread: number, turn: number): void {
    const line = at.lineOf(thread)
    Atomics.store(this.#words, line + at.STATE, at.WORKING)
    Atomics.store(this.#words, line + at.TURN, turn)
    Atomics.notify(this.#words, line + at.TURN)
    this.#settle(thread)
  }

  /** Waits until the thread is parked again. */
  #settle(thread: number): void {
    for (let looks = 0; this.#state(thread) === at.WORKING; looks++) {
      const seen = Atomics.load(this.#words, at.CHANGES)
      if (looks < 200 || this.#state(thread) !== at.WORKING) continue
      const answer = Atomics.wait(this.#words, at.CHANGES, seen, 30_000)
      assert.notEqual(
        answer,
        'timed-out',
        `actor ${this.#program.actors[thread]} does not come to its next step`,
      )
    }
    if (this.#state(thread) !== at.FAILED) return
    const text = Buffer.from(this.#control, at.textAt(this.#threads, thread), at.TEXT_BYTES).toString('utf8')
    throw new Error(`actor ${this.#program.actors[thread]}: ${text.slice(0, text.indexOf('\0'))}`)
  }

  /** The order of turns, for messages. */
  #described(): string {
    return this.#path
      .map(({ alternatives, taken }) => {
        const { thread, turn } = alternatives[taken] as Choice
        const how = turn === at.DIE ? ' dies' : turn === at.TIME_OUT ? ' times out' : ''
        return `${this.#program.actors[thread]}${how}`
      })
      .join(', ')
  }
}

/** Runs the program in every order; returns how many there were. */
export async function explore(program: Program): Promise<number> {
  const scheduler = new Scheduler(program)
  try {
    return scheduler.explore()
  } finally {
    await scheduler.close()
  }
}
