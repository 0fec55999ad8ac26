// Runs that wait on the main thread for their turn: one line per tenant (cache prefix), taken in rotation, so a tenant
// with a thousand waiting runs delays nobody else by more than one run per turn. Bounded by `maxQueue` in all.
// A run that had its turn and came back goes out before all others: nobody loses a turn because the run queue was full
// or a thread died.

import type { Run } from './run.js'

/** A first-in-first-out line that holds on to nothing that has left it. */
class Line {
  readonly key: number
  #runs: (Run | undefined)[] = []
  #first = 0
  /** Withdrawn runs that still lie here. */
  #withdrawn = 0

  constructor(key: number) {
    this.key = key
  }

  get isEmpty(): boolean {
    return this.#runs.length - this.#first === this.#withdrawn
  }

  push(run: Run): void {
    this.#runs.push(run)
  }

  /** The next run that was not withdrawn; the line must not be empty. */
  shift(): Run {
    let run = this.#take()
    while (run.verdict !== undefined) {
      this.#withdrawn--
      run = this.#take()
    }
    return run
  }

  /** A run with a verdict lies here. Its place is given back when half of them are such: each costs little then. */
  noteWithdrawn(): void {
    this.#withdrawn++
    if (this.#withdrawn * 2 < this.#runs.length - this.#first) return
    this.#runs = this.#runs.filter((run) => run !== undefined && run.verdict === undefined)
    this.#first = 0
    this.#withdrawn = 0
  }

  #take(): Run {
    const run = this.#runs[this.#first] as Run
    this.#runs[this.#first] = undefined
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
  /** Runs that came back, the next one last. */
  readonly #returned: Run[] = []
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

  /** For a run that had its turn and came back: it is the next. */
  pushFront(run: Run): void {
    this.#returned.push(run)
    this.#size++
  }

  /** A run that waits here and has its verdict: it leaves without a turn. */
  withdraw(run: Run): void {
    const at = this.#returned.indexOf(run)
    if (at >= 0) this.#returned.splice(at, 1)
    else this.#lines.get(run.prefix.cell)?.noteWithdrawn()
    this.#size--
  }

  /** The next run in turn. */
  shift(): Run | undefined {
    if (this.#size === 0) return undefined
    const run = this.#returned.pop() ?? this.#shiftInTurn()
    this.#size--
    return run
  }

  #shiftInTurn(): Run {
    let line = this.#lineInTurn()
    while (line.isEmpty) {
      this.#close(line)
      line = this.#lineInTurn()
    }
    const run = line.shift()
    if (line.isEmpty) this.#close(line)
    else this.#turn++
    return run
  }

  #lineInTurn(): Line {
    if (this.#turn >= this.#turns.length) this.#turn = 0
    return this.#turns[this.#turn] as Line
  }

  /** The line in turn has nobody left. */
  #close(line: Line): void {
    this.#turns.splice(this.#turn, 1)
    this.#lines.delete(line.key)
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
