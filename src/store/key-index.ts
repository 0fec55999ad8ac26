// From (prefix incarnation, key bytes) to an entry's id: a hash table in one array, probed slot by slot.
//
//   slot   i32 hash, i32 id + 1 (0 = the slot is empty)
//
// Injective: equal hash, equal incarnation and equal key bytes are all compared; incarnation and key stand in fields of
// their own, so no text of the one can pass for the other. At most half the slots are taken, and all memory is
// reserved at once (resident when touched): no rehash ever stalls a call. A removal shifts the entries behind it back
// instead of leaving a mark, so churn does not lengthen the probes.

import { type HashSecret, hashKey } from '../shared/key-hash.js'
import type { EntryBytes } from './entry-bytes.js'

const MIN_SLOTS = 16

export class KeyIndex {
  readonly #secret: HashSecret
  readonly #bytes: EntryBytes
  readonly #slots: Int32Array
  readonly #mask: number
  /** By id. */
  readonly #hashes: Int32Array
  #latestHash = 0

  constructor(maxEntries: number, secret: HashSecret, bytes: EntryBytes) {
    let slots = MIN_SLOTS
    while (slots < 2 * maxEntries) slots *= 2
    this.#secret = secret
    this.#bytes = bytes
    this.#slots = new Int32Array(slots * 2)
    this.#mask = slots - 1
    this.#hashes = new Int32Array(maxEntries)
  }

  /** The id under exactly these bytes of this incarnation, or -1. */
  find(incarnation: number, key: Uint8Array): number {
    const hash = hashKey(this.#secret, incarnation, key)
    this.#latestHash = hash
    const slots = this.#slots
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const id = (slots[slot * 2 + 1] as number) - 1
      if (id < 0) return -1
      if (slots[slot * 2] === hash && this.#bytes.hasKey(id, incarnation, key)) return id
    }
  }

  /** Binds the key of the latest `find`, which must have found nothing, to `id`. Removals may lie between. */
  insert(id: number): void {
    const hash = this.#latestHash
    this.#hashes[id] = hash
    let slot = hash & this.#mask
    while (this.#slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.#mask
    this.#fill(slot, hash, id + 1)
  }

  /** Unbinds the key that `id` was inserted under. */
  remove(id: number): void {
    const slots = this.#slots
    const mask = this.#mask
    let hole = (this.#hashes[id] as number) & mask
    while (slots[hole * 2 + 1] !== id + 1) {
      if (slots[hole * 2 + 1] === 0) throw new Error(`the key index holds no entry ${id}`)
      hole = (hole + 1) & mask
    }
    // An entry behind the hole moves into it unless its own home lies after the hole.
    for (let slot = (hole + 1) & mask; slots[slot * 2 + 1] !== 0; slot = (slot + 1) & mask) {
      const home = (slots[slot * 2] as number) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      this.#fill(hole, slots[slot * 2] as number, slots[slot * 2 + 1] as number)
      hole = slot
    }
    this.#fill(hole, 0, 0)
  }

  #fill(slot: number, hash: number, entry: number): void {
    this.#slots[slot * 2] = hash
    this.#slots[slot * 2 + 1] = entry
  }
}
