// Who goes when room is needed: approximately the least recently used entry.
//
// A circular list through the entry ids, least recently used first. Node 0 is its sentinel, id + 1 an entry. Nothing
// is allocated after the start, and a move is a few stores: a cache by keys would look each id up in a hash table first.

/** A reader on another thread cannot move an entry in the list; it leaves a mark, which is asked for at eviction. */
export interface TouchedMarks {
  /** Whether the entry was read since its mark was last taken; takes the mark away. */
  take(id: number): boolean
}

const NO_MARKS: TouchedMarks = { take: () => false }

/** Entries spared in one eviction because they were read; then the next one goes, read or not. */
const MAX_SPARED = 8
const SENTINEL = 0

export class Recency {
  /** By node: towards the most recently used. */
  readonly #newer: Int32Array
  readonly #older: Int32Array
  readonly #marks: TouchedMarks

  constructor(maxEntries: number, marks: TouchedMarks = NO_MARKS) {
    this.#newer = new Int32Array(maxEntries + 1)
    this.#older = new Int32Array(maxEntries + 1)
    this.#marks = marks
  }

  /** The id is in the list from now on, as the most recently used; it must not be there yet. */
  add(id: number): void {
    // The mark of the id's last owner spares nobody.
    this.#marks.take(id)
    this.#append(id + 1)
  }

  use(id: number): void {
    const node = id + 1
    if (this.#older[SENTINEL] === node) return
    this.#unlink(node)
    this.#append(node)
  }

  remove(id: number): void {
    this.#unlink(id + 1)
  }

  /** The id to evict, still in the list. `keep` (-1: none) is never chosen; there must be another one. */
  victim(keep: number): number {
    for (let spared = 0; ; ) {
      const node = this.#newer[SENTINEL] as number
      const id = node - 1
      if (node === SENTINEL || (id === keep && this.#older[SENTINEL] === node)) {
        throw new Error('the store needs room, but holds nothing it could evict')
      }
      if (id !== keep) {
        if (spared === MAX_SPARED || !this.#marks.take(id)) return id
        spared++
      }
      this.use(id)
    }
  }

  #append(node: number): void {
    const last = this.#older[SENTINEL] as number
    this.#newer[last] = node
    this.#older[node] = last
    this.#newer[node] = SENTINEL
    this.#older[SENTINEL] = node
  }

  #unlink(node: number): void {
    const older = this.#older[node] as number
    const newer = this.#newer[node] as number
    this.#newer[older] = newer
    this.#older[newer] = older
  }
}
