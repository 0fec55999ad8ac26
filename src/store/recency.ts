// Who goes when room is needed: approximately the least recently used entry.
//
// lru-cache keeps the order over entry ids. Its own `max` is one more than the store ever holds, so it never evicts by
// itself, and its ttl and size rules are not used: both would cost more than everything else here.

import { LRUCache } from 'lru-cache'

/** A reader on another thread cannot move an entry in the list; it leaves a mark, which is asked for at eviction. */
export interface TouchedMarks {
  /** Whether the entry was read since its mark was last taken; takes the mark away. */
  take(id: number): boolean
}

const NO_MARKS: TouchedMarks = { take: () => false }

/** Entries spared in one eviction because they were read; then the next one goes, read or not. */
const MAX_SPARED = 8

export class Recency {
  readonly #order: LRUCache<number, number>
  readonly #marks: TouchedMarks

  constructor(maxEntries: number, marks: TouchedMarks = NO_MARKS) {
    this.#order = new LRUCache<number, number>({ max: maxEntries + 1 })
    this.#marks = marks
  }

  add(id: number): void {
    // The mark of the id's last owner spares nobody.
    this.#marks.take(id)
    this.#order.set(id, 0)
  }

  use(id: number): void {
    this.#order.get(id)
  }

  remove(id: number): void {
    this.#order.delete(id)
  }

  /** The id to evict, still in the list. `keep` (-1: none) is never chosen; there must be another one. */
  victim(keep: number): number {
    for (let spared = 0; ; ) {
      const id = this.#order.rkeys().next().value
      if (id === undefined || (id === keep && this.#order.size === 1)) {
        throw new Error('the store needs room, but holds nothing it could evict')
      }
      if (id !== keep) {
        if (spared === MAX_SPARED || !this.#marks.take(id)) return id
        spared++
      }
      this.#order.get(id)
    }
  }
}
