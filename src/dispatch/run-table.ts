// Runs by id, without an allocation per run: a Map that takes and drops an entry for each would cost more in garbage than
// the rest of a run's bookkeeping.
//
// Ids count up and wrap at 2^32, skipping 0 (a worker's words hold it when there is no run). A run lies at its id modulo the
// table's length, a power of two; an id whose place is taken is skipped, and the table doubles before it is half full.

import type { Run } from './run.js'

const FIRST_LENGTH = 1024

export class RunTable {
  #runs: (Run | undefined)[] = new Array(FIRST_LENGTH).fill(undefined)
  #size = 0
  #lastId = 0

  get size(): number {
    return this.#size
  }

  /** An id for the run that is added next. */
  nextId(): number {
    if (this.#size * 2 >= this.#runs.length) this.#grow()
    const mask = this.#runs.length - 1
    do this.#lastId = (this.#lastId + 1) >>> 0 || 1
    while (this.#runs[this.#lastId & mask] !== undefined)
    return this.#lastId
  }

  add(run: Run): void {
    this.#runs[run.id & (this.#runs.length - 1)] = run
    this.#size++
  }

  get(id: number): Run | undefined {
    const run = this.#runs[id & (this.#runs.length - 1)]
    return run?.id === id ? run : undefined
  }

  /** False when it was not there. */
  delete(run: Run): boolean {
    const place = run.id & (this.#runs.length - 1)
    if (this.#runs[place] !== run) return false
    this.#runs[place] = undefined
    this.#size--
    return true
  }

  /** Two ids that differ modulo the old length differ modulo twice that. */
  #grow(): void {
    const runs: (Run | undefined)[] = new Array(this.#runs.length * 2).fill(undefined)
    for (const run of this.#runs) if (run !== undefined) runs[run.id & (runs.length - 1)] = run
    this.#runs = runs
  }
}
