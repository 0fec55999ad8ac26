// A worker's own writes that main has not applied yet: what makes a script see them at once.
//
// Slots of 32 bytes, open addressing:
//
//   word 0  generation     any but the current one: the slot is empty
//   word 1  hash           word 2  incarnation
//   word 3  key bytes      of a delete: their complement
//   word 4  payload        where it lies in the outbox's data
//   word 6  f64 position
//
// Only this thread touches it. It holds no keys and no values: both still lie in the outbox, whose bytes nobody but this
// thread overwrites, and not before main has read on. `position` is the outbox's count behind the record: while main's count
// is behind that, the write is unapplied and the overlay speaks for its key; from then on the view does. Main publishes an
// entry before it moves its count, and a reader looks at the count before it looks at the view: so at each moment one of
// the two knows the write, and never an older value after a newer one. A reader looks at the count at each read, and once;
// who notes a write need not: what it takes for unapplied only keeps its slot for longer.
//
// Applied stays applied, and of two slots of one key the one found first is the newer: so a slot whose write is applied is
// passed over when looking, and taken again when noting. All of them are thrown out when nothing is unapplied, or when half
// of the slots are taken. If then half of them are unapplied still, main is asked for what is not found here.

import type { HashedKey } from '../src/shared/key-hash.js'
import type { OutboxWriter } from '../src/shared/outbox.js'
import { PUT_KEY_AT, putValueAt } from '../src/shared/put-record.js'
import type { OwnWrites } from './own-writes.js'

/** This worker has no unapplied write of the key. */
export const NOT_HERE = 0
/** Deleted, or expired. */
export const GONE = 1
/** The value lies in the outbox's data, from `valueAt` on. */
export const WRITTEN = 2
/** Only main can tell: the value went in chunks, or too much is unapplied. */
export const UNKNOWN = 3
export type OverlayAnswer = typeof NOT_HERE | typeof GONE | typeof WRITTEN | typeof UNKNOWN

/** Twice the puts of 64 bytes that an outbox holds. */
const DEFAULT_SLOTS = 32_768
/** A power of two. */
const NOTES_PER_LOOK = 16
const SLOT_BITS = 3
const HASH = 1
const INCARNATION = 2
const KEY_BYTES = 3
const PAYLOAD = 4
/** The slot's place among float64s: `(slot << POSITION_BITS) + POSITION`. */
const POSITION_BITS = 2
const POSITION = 3

export class Overlay {
  valueAt = 0
  readonly #outbox: OutboxWriter
  readonly #ownWrites: OwnWrites
  /** The outbox's data by words. */
  readonly #data: Int32Array
  /** The same for the instants that puts expire at. */
  readonly #expiries: Float64Array
  readonly #slots: number
  readonly #words: Int32Array
  /** The slots again, for their float64. */
  readonly #positions: Float64Array
  #generation = 1
  #taken = 0
  /** Behind the last write noted. */
  #lastPosition: number
  #notes = 0
  /** While this is unapplied, what is not found here may yet have been written. */
  #unknownUpTo: number

  /** `slots`: a power of two. */
  constructor(outbox: OutboxWriter, ownWrites: OwnWrites, slots: number = DEFAULT_SLOTS) {
    const { data, position } = outbox
    this.#outbox = outbox
    this.#ownWrites = ownWrites
    this.#data = new Int32Array(data.buffer, data.byteOffset, data.length >>> 2)
    this.#expiries = new Float64Array(data.buffer, data.byteOffset, data.length >>> 3)
    this.#slots = slots
    this.#words = new Int32Array(slots << SLOT_BITS)
    this.#positions = new Float64Array(this.#words.buffer)
    this.#lastPosition = position
    this.#unknownUpTo = position
  }

  /** Whether all that this worker wrote is applied: then nobody needs to look here. */
  get isEmpty(): boolean {
    // What is applied stays applied: looked at again only after the next write.
    if (this.#outbox.isApplied(this.#lastPosition)) return true
    this.#outbox.look()
    return this.#outbox.isApplied(this.#lastPosition)
  }

  /** A put was just appended; `payloadAt` as the outbox gave it. */
  notePut(key: HashedKey, payloadAt: number): void {
    // Of one in chunks the key cannot be compared in place.
    this.#note(key, payloadAt, key.bytes, payloadAt >= 0)
  }

  /** A delete was just appended. Its payload is the key: what would lie before it in a put's does not matter. */
  noteDelete(key: HashedKey, payloadAt: number): void {
    this.#note(key, payloadAt - PUT_KEY_AT, ~key.bytes, true)
  }

  /** What this worker's own unapplied writes say of a key. */
  find(key: HashedKey, hasPassed: (momentMs: number) => boolean): OverlayAnswer {
    if (this.isEmpty) {
      this.#ownWrites.forget()
      return NOT_HERE
    }
    for (let slot = this.#homeOf(key); this.#isTaken(slot); slot = this.#after(slot)) {
      if (!this.#isLiveKey(slot, key)) continue
      const at = slot << SLOT_BITS
      if ((this.#words[at + KEY_BYTES] as number) < 0) return GONE
      const payload = this.#words[at + PAYLOAD] as number
      const expiresAtMs = this.#expiries[payload >> 3] as number
      if (expiresAtMs !== Number.POSITIVE_INFINITY && hasPassed(expiresAtMs)) return GONE
      this.valueAt = payload + putValueAt(key.bytes)
      return WRITTEN
    }
    return this.#outbox.isApplied(this.#unknownUpTo) ? NOT_HERE : UNKNOWN
  }

  #note(key: HashedKey, payload: number, keyBytes: number, canBeCompared: boolean): void {
    const { position } = this.#outbox
    if ((++this.#notes & (NOTES_PER_LOOK - 1)) === 0) this.#outbox.look()
    if (this.#outbox.isApplied(this.#lastPosition)) this.#clear()
    this.#lastPosition = position
    if (!canBeCompared || !this.#makeRoom()) {
      // Nor may an older write of that key be found here.
      this.#clear()
      this.#unknownUpTo = position
      this.#ownWrites.noteAll(position)
      return
    }
    this.#ownWrites.note(key.hash, position)
    this.#fill(this.#slotToFill(key), key.hash, key.incarnation, keyBytes, payload, position)
  }

  /** Whether a slot may be taken. */
  #makeRoom(): boolean {
    if (this.#taken * 2 < this.#slots) return true
    this.#outbox.look()
    this.#throwOutApplied()
    return this.#taken * 2 < this.#slots
  }

  #fill(
    slot: number,
    hash: number,
    incarnation: number,
    keyBytes: number,
    payload: number,
    position: number,
  ): void {
    if (!this.#isTaken(slot)) this.#taken++
    const words = this.#words
    const at = slot << SLOT_BITS
    words[at] = this.#generation
    words[at + HASH] = hash
    words[at + INCARNATION] = incarnation
    words[at + KEY_BYTES] = keyBytes
    words[at + PAYLOAD] = payload
    this.#positions[(slot << POSITION_BITS) + POSITION] = position
  }

  #homeOf(key: HashedKey): number {
    return key.hash & (this.#slots - 1)
  }

  #after(slot: number): number {
    return (slot + 1) & (this.#slots - 1)
  }

  #isTaken(slot: number): boolean {
    return this.#words[slot << SLOT_BITS] === this.#generation
  }

  #slotToFill(key: HashedKey): number {
    let slot = this.#homeOf(key)
    while (this.#isTaken(slot) && this.#isUnapplied(slot) && !this.#isLiveKey(slot, key))
      slot = this.#after(slot)
    return slot
  }

  #isUnapplied(slot: number): boolean {
    return !this.#outbox.isApplied(this.#positions[(slot << POSITION_BITS) + POSITION] as number)
  }

  /** Whether the slot speaks for this key. Only of an unapplied write do the bytes in the outbox stay. */
  #isLiveKey(slot: number, key: HashedKey): boolean {
    const words = this.#words
    const at = slot << SLOT_BITS
    if (words[at + HASH] !== key.hash || words[at + INCARNATION] !== key.incarnation) return false
    const keyBytes = words[at + KEY_BYTES]
    if ((keyBytes !== key.bytes && keyBytes !== ~key.bytes) || !this.#isUnapplied(slot)) return false
    const first = ((words[at + PAYLOAD] as number) + PUT_KEY_AT) >> 2
    const whole = key.bytes >>> 2
    for (let n = 0; n < whole; n++) if (this.#data[first + n] !== key.words[n]) return false
    const restBits = (key.bytes & 3) << 3
    if (restBits === 0) return true
    return ((this.#data[first + whole] as number) & ((1 << restBits) - 1)) === key.words[whole]
  }

  #clear(): void {
    this.#taken = 0
    this.#generation = (this.#generation + 1) | 0
    // A number that comes round again may still stand in a slot.
    if (this.#generation === 0) this.#words.fill(0)
    if (this.#generation === 0) this.#generation = 1
  }

  /** Moves the unapplied writes to their places in a new generation. */
  #throwOutApplied(): void {
    const live: number[] = []
    for (let slot = 0; slot < this.#slots; slot++)
      if (this.#isTaken(slot) && this.#isUnapplied(slot)) live.push(slot)
    const rows = live.map((slot) => {
      const at = slot << SLOT_BITS
      return [
        this.#words[at + HASH] as number,
        this.#words[at + INCARNATION] as number,
        this.#words[at + KEY_BYTES] as number,
        this.#words[at + PAYLOAD] as number,
        this.#positions[(slot << POSITION_BITS) + POSITION] as number,
      ] as const
    })
    // Newest first: of two rows of one key the first to be placed lies first in the probe.
    rows.sort((a, b) => b[4] - a[4])
    this.#clear()
    for (const row of rows) {
      let slot = row[0] & (this.#slots - 1)
      while (this.#isTaken(slot)) slot = this.#after(slot)
      this.#fill(slot, ...row)
    }
  }
}
