// Prefix cells: one 64-byte record for every prefix in use, in one SharedArrayBuffer.
//
//   byte   0  u32  incarnation   0 = the cell is free
//   byte   4  u32  reserved
//   byte   8  …    quota fields (entries, bytes and their limits); none yet
//
// A cell fills a cache line, so that main counting for one tenant does not slow the readers of another's incarnation.
//
// Who writes: the main thread only. Who reads: any worker, by the cell number that came with its run.
// Order: main stores the incarnation before it publishes the run that names the cell, and the cell is freed only
// when nothing is left that names it (no run, no entry), so a reader never meets a free or a foreign cell. What may
// change under a reader is the incarnation, when the prefix is cleared: one aligned word, old or new, both valid.
//
// Memory is touched cell by cell, lowest first, freed cells before new ones: what was never used stays unmapped.

import { createError } from '../errors.js'
import { MAX_PREFIX_CELLS } from '../limits.js'

const CELL_BYTES = 64
const CELL_WORDS = CELL_BYTES / 4
const INCARNATION_WORD = 0

export interface PrefixCellOptions {
  /** How many prefixes can be in use at once. Default: MAX_PREFIX_CELLS. */
  readonly cells?: number
  /** The largest incarnation, after which counting starts again; tests lower it. Default: 2^32 - 1. */
  readonly lastIncarnation?: number
}

/** For workers: the incarnation a cell has now; 0 means that it is free, which a run's own cell never is. */
export function readIncarnation(words: Uint32Array, cell: number): number {
  return Atomics.load(words, cell * CELL_WORDS + INCARNATION_WORD)
}

/** The main thread's side: hands out cells and incarnation numbers. */
export class PrefixCells {
  /** Post it to the workers; they wrap it in a Uint32Array for `readIncarnation`. */
  readonly buffer: SharedArrayBuffer
  readonly #words: Uint32Array
  readonly #capacity: number
  readonly #freed: number[] = []
  #used = 0
  readonly #lastIncarnation: number
  #nextIncarnation = 1
  /** Numbers that a cell, an entry or a run may still refer to. Counting wraps in hours at full load. */
  readonly #live = new Set<number>()

  constructor(options: PrefixCellOptions = {}) {
    this.#capacity = options.cells ?? MAX_PREFIX_CELLS
    this.#lastIncarnation = options.lastIncarnation ?? 0xffff_ffff
    this.buffer = new SharedArrayBuffer(this.#capacity * CELL_BYTES)
    this.#words = new Uint32Array(this.buffer)
  }

  /** Cells in use. */
  get size(): number {
    return this.#used - this.#freed.length
  }

  /** Whether `claim` would find a cell. */
  get hasFree(): boolean {
    return this.#freed.length > 0 || this.#used < this.#capacity
  }

  incarnation(cell: number): number {
    return readIncarnation(this.#words, cell)
  }

  /**
   * A free cell with a new incarnation. Without one it throws MOONPOOL_MEMORY: a fixed capacity is full, and what
   * helps is to keep less. Waiting would not (QUEUE_FULL), and no option is wrong (INVALID_OPTION).
   */
  claim(): number {
    const cell = this.#freed.pop() ?? this.#used
    if (cell >= this.#capacity) {
      throw createError(
        'MOONPOOL_MEMORY',
        `${this.#capacity} cache prefixes are in use, which is the most one engine can hold: ` +
          'use fewer prefixes at a time, give entries a TTL or lower cache.maxEntries so that idle prefixes are freed',
      )
    }
    if (cell === this.#used) this.#used++
    this.#store(cell, this.#takeIncarnation())
    return cell
  }

  /**
   * Gives the cell a new incarnation: everything under the old one is out of reach from here on. The old number
   * stays reserved until `retire`, which belongs behind the removal of the last entry that holds it.
   */
  renew(cell: number): number {
    const incarnation = this.#takeIncarnation()
    this.#store(cell, incarnation)
    return incarnation
  }

  /** The number may be given out again: no entry and no run holds it any more. */
  retire(incarnation: number): void {
    this.#live.delete(incarnation)
  }

  /** Gives the cell back and retires its incarnation. */
  free(cell: number): void {
    this.retire(this.incarnation(cell))
    this.#store(cell, 0)
    this.#freed.push(cell)
  }

  #store(cell: number, incarnation: number): void {
    Atomics.store(this.#words, cell * CELL_WORDS + INCARNATION_WORD, incarnation)
  }

  #takeIncarnation(): number {
    let incarnation = this.#nextIncarnation
    while (this.#live.has(incarnation)) incarnation = this.#following(incarnation)
    this.#nextIncarnation = this.#following(incarnation)
    this.#live.add(incarnation)
    return incarnation
  }

  /** 1 follows the last: 0 marks a free cell. */
  #following(incarnation: number): number {
    return incarnation === this.#lastIncarnation ? 1 : incarnation + 1
  }
}
