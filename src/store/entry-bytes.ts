// The bytes of each entry, by entry id: its key and, right behind it, its encoded value, in one block of the arena.
// Where the block is stands in a row per id, one cache line's quarter, since a lookup needs all of it:
//
//   u32 offset (0 = a stray, or the id is free), u32 incarnation, u32 key bytes, u32 value bytes
//
// The arena is as large as the store's byte limit, and an entry takes less of it than it counts (its 64 bytes of overhead
// are more than header and rounding). So only scattered free space can make an allocation fail, and then the entry's
// block is an array of its own until it is written again. What a put promised does not depend on where free space lies.

import { Arena } from './arena.js'

/** Up to here a loop copies faster than a call of `set`. */
const LOOP_BYTES = 32

const ROW = 4
const INCARNATION = 1
const KEY_BYTES = 2
const VALUE_BYTES = 3

export class EntryBytes {
  readonly #arena: Arena
  readonly #rows: Uint32Array
  readonly #strays = new Map<number, Uint8Array>()

  constructor(maxEntries: number, maxBytes: number) {
    this.#arena = new Arena(maxBytes)
    this.#rows = new Uint32Array(maxEntries * ROW)
  }

  /** Entries whose block is not in the arena. */
  get strays(): number {
    return this.#strays.size
  }

  /** Copies key and value in, in place of what the id held. Neither may be a view of this object's own memory. */
  write(id: number, incarnation: number, key: Uint8Array, value: Uint8Array): void {
    const rows = this.#rows
    const row = id * ROW
    const sizeBytes = key.length + value.length
    let offset = rows[row] as number
    if (offset === 0 || !fills(sizeBytes, this.#arena.capacityBytes(offset))) {
      this.release(id)
      offset = this.#arena.allocate(sizeBytes)
      rows[row] = offset
    }
    let home = this.#arena.bytes
    if (offset === 0) {
      home = new Uint8Array(sizeBytes)
      this.#strays.set(id, home)
    }
    copy(key, home, offset)
    copy(value, home, offset + key.length)
    rows[row + INCARNATION] = incarnation
    rows[row + KEY_BYTES] = key.length
    rows[row + VALUE_BYTES] = value.length
  }

  /** Not a copy: valid until the next `write` or `release`. */
  value(id: number): Uint8Array {
    const row = id * ROW
    const offset = (this.#rows[row] as number) + (this.#rows[row + KEY_BYTES] as number)
    return new Uint8Array(this.#home(id).buffer, offset, this.#rows[row + VALUE_BYTES] as number)
  }

  /** Whether this is the entry of exactly that incarnation and those bytes. */
  hasKey(id: number, incarnation: number, key: Uint8Array): boolean {
    const row = id * ROW
    const length = key.length
    if (this.#rows[row + INCARNATION] !== incarnation || this.#rows[row + KEY_BYTES] !== length) return false
    const home = this.#home(id)
    const offset = this.#rows[row] as number
    for (let at = 0; at < length; at++) if (home[offset + at] !== key[at]) return false
    return true
  }

  release(id: number): void {
    const offset = this.#rows[id * ROW] as number
    if (offset === 0) this.#strays.delete(id)
    else this.#arena.free(offset)
    this.#rows[id * ROW] = 0
  }

  #home(id: number): Uint8Array {
    if (this.#rows[id * ROW] !== 0) return this.#arena.bytes
    const stray = this.#strays.get(id)
    if (stray === undefined) throw new Error(`the store holds no bytes of entry ${id}`)
    return stray
  }
}

/** Whether a block of that capacity is the one that would be allocated anew. */
function fills(sizeBytes: number, capacityBytes: number): boolean {
  return sizeBytes <= capacityBytes && sizeBytes > capacityBytes - 16
}

function copy(from: Uint8Array, to: Uint8Array, offset: number): void {
  const length = from.length
  if (length > LOOP_BYTES) to.set(from, offset)
  else for (let at = 0; at < length; at++) to[offset + at] = from[at] as number
}
