// Runs that wait on the main thread for their turn: one line per tenant (cache prefix), taken in rotation, so a tenant
// with a thousand waiting runs delays nobody else by more than one run per turn. Bounded by `maxQueue` in all.

import type { Run } from './run.js'

/** A first-in-first-out line that gives its memory back. */
class Line {
  readonly key: number
  #runs: Run[] = []
  #first = 0

  constructor(key: number) {
    this.key = key
  }

  get isEmpty(): boolean {
    return this.#first === this.#runs.length
  }

  push(run: Run): void {
    this.#runs.push(run)
  }

  pushFront(run: Run): void {
    this.#runs.splice(0, this.#first, run)
    this.#first = 0
  }

  shift(): Run {
    const run = this.#runs[this.#first] as Run
    this.#first++
    if (this.#first >= 64 && this.#first * 2 >= this.#runs.length) {
      this.#runs = this.#runs.slice(this.#first)
      this.#first = 0
    }
    return run
  }
}

export class Admission {
  readonly maxQueue: number
  readonly #lines = new Map<number, Line>()
  /** Lines that are not empty, in the order of their turn. */
  #turns: Line[] = []
  #turn = 0
  #size = 0

  constructor(maxQueue: number) {
    this.maxQueue = maxQueue
  }

  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size >= this.maxQueue
  }

  push(run: Run): void {
    this.#lineOf(run).push(run)
    this.#size++
  }

  /** For a run that was ahead of those waiting here, and came back. */
  pushFront(run: Run): void {
    this.#lineOf(run).pushFront(run)
    this.#size++
  }

  /** The next run in turn. */
  shift(): Run | undefined {
    if (this.#size === 0) return undefined
    if (this.#turn >= this.#turns.length) this.#turn = 0
    const line = this.#turns[this.#turn] as Line
    const run = line.shift()
    this.#size--
    if (line.isEmpty) {
      this.#turns.splice(this.#turn, 1)
      this.#lines.delete(line.key)
    } else {
      this.#turn++
    }
    return run
  }

  #lineOf(run: Run): Line {
    const key = run.prefix.cell
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = new Line(key)
      this.#lines.set(key, line)
      this.#turns.splice(this.#turn, 0, line)
      this.#turn++
    }
    return line
  }
}
