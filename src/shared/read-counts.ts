// How many reads the workers answered by themselves.
//
//   by worker, 64 bytes each: f64 hits, f64 misses
//
// Only the worker writes its line, main only reads, and no other value hangs on it: plain accesses do, an aligned float64
// is not torn, and a count that main sees a moment late is none that is wrong. A line outlives its worker: its successor
// counts on.

const LINE_FLOATS = 8
const HITS = 0
const MISSES = 1

export function createReadCountMemory(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(threads * LINE_FLOATS * 8)
}

/** A worker's side. */
export class ReadCounter {
  readonly #counts: Float64Array

  constructor(memory: SharedArrayBuffer, worker: number) {
    this.#counts = new Float64Array(memory, worker * LINE_FLOATS * 8, LINE_FLOATS)
  }

  note(hits: number, misses: number): void {
    if (hits > 0) this.#counts[HITS] = (this.#counts[HITS] as number) + hits
    if (misses > 0) this.#counts[MISSES] = (this.#counts[MISSES] as number) + misses
  }

  hit(): void {
    this.#counts[HITS] = (this.#counts[HITS] as number) + 1
  }

  miss(): void {
    this.#counts[MISSES] = (this.#counts[MISSES] as number) + 1
  }
}

/** Main: all workers together. */
export function sumReadCounts(memory: SharedArrayBuffer): { hits: number; misses: number } {
  const counts = new Float64Array(memory)
  let hits = 0
  let misses = 0
  for (let line = 0; line < counts.length; line += LINE_FLOATS) {
    hits += counts[line + HITS] as number
    misses += counts[line + MISSES] as number
  }
  return { hits, misses }
}
