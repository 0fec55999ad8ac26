// A worker's own writes that main has not applied yet: what makes a script see them at once.
//
//   by slot, open addressing:  generation, hash, incarnation, key bytes, position, payload, expiry
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
/** An expiry before every other. */
const DELETED = Number.NEGATIVE_INFINITY

export class Overlay {
  valueAt = 0
  readonly #outbox: OutboxWriter
  readonly #ownWrites: OwnWrites
  /** The outbox's data by words. */
  readonly #data: Int32Array
  readonly #slots: number
  /** Any but the current generation: the slot is empty. */
  readonly #generations: Uint32Array
  readonly #hashes: Int32Array
  readonly #incarnations: Int32Array
  readonly #keyBytes: Int32Array
  readonly #positions: Float64Array
  readonly #payloads: Int32Array
  readonly #expiries: Float64Array
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
    this.#slots = slots
    this.#generations = new Uint32Array(slots)
    this.#hashes = new Int32Array(slots)
    this.#incarnations = new Int32Array(slots)
    this.#keyBytes = new Int32Array(slots)
    this.#positions = new Float64Array(slots)
    this.#payloads = new Int32Array(slots)
    this.#expiries = new Float64Array(slots)
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
  notePut(key: HashedKey, payloadAt: number, expiresAtMs: number): void {
    this.#note(key, payloadAt, expiresAtMs)
  }

  /** A delete was just appended. Its payload is the key: what would lie before it in a put's does not matter. */
  noteDelete(key: HashedKey, payloadAt: number): void {
    this.#note(key, payloadAt - PUT_KEY_AT, DELETED)
  }

  /** What this worker's own unapplied writes say of a key. */
  find(key: HashedKey, hasPassed: (momentMs: number) => boolean): OverlayAnswer {
    if (this.isEmpty) {
      this.#ownWrites.forget()
      return NOT_HERE
    }
    for (let slot = this.#homeOf(key); this.#isTaken(slot); slot = this.#after(slot)) {
      if (!this.#isLiveKey(slot, key)) continue
      const expiresAtMs = this.#expiries[slot] as number
      if (expiresAtMs !== Number.POSITIVE_INFINITY && hasPassed(expiresAtMs)) return GONE
      this.valueAt = (this.#payloads[slot] as number) + putValueAt(key.bytes)
      return WRITTEN
    }
    return this.#outbox.isApplied(this.#unknownUpTo) ? NOT_HERE : UNKNOWN
  }

  #note(key: HashedKey, payloadAt: number, expiresAtMs: number): void {
    const { position } = this.#outbox
    if ((++this.#notes & (NOTES_PER_LOOK - 1)) === 0) this.#outbox.look()
    if (this.#outbox.isApplied(this.#lastPosition)) this.#clear()
    this.#lastPosition = position
    // Of one in chunks the key cannot be compared in place; nor may an older write of that key be found here.
    if ((payloadAt < 0 && expiresAtMs !== DELETED) || !this.#makeRoom()) {
      this.#clear()
      this.#unknownUpTo = position
      this.#ownWrites.noteAll(position)
      return
    }
    this.#ownWrites.note(key.hash, position)
    const slot = this.#slotToFill(key)
    this.#fill(slot, key.hash, key.incarnation, key.bytes, position, payloadAt, expiresAtMs)
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
    position: number,
    payloadAt: number,
    expiresAtMs: number,
  ): void {
    if (!this.#isTaken(slot)) this.#taken++
    this.#generations[slot] = this.#generation
    this.#hashes[slot] = hash
    this.#incarnations[slot] = incarnation
    this.#keyBytes[slot] = keyBytes
    this.#positions[slot] = position
    this.#payloads[slot] = payloadAt
    this.#expiries[slot] = expiresAtMs
  }

  #homeOf(key: HashedKey): number {
    return key.hash & (this.#slots - 1)
  }

  #after(slot: number): number {
    return (slot + 1) & (this.#slots - 1)
  }

  #isTaken(slot: number): boolean {
    return this.#generations[slot] === this.#generation
  }

  #slotToFill(key: HashedKey): number {
    let slot = this.#homeOf(key)
    while (this.#isTaken(slot) && this.#isUnapplied(slot) && !this.#isLiveKey(slot, key))
      slot = this.#after(slot)
    return slot
  }

  #isUnapplied(slot: number): boolean {
    return !this.#outbox.isApplied(this.#positions[slot] as number)
  }

  /** Whether the slot speaks for this key. Only of an unapplied write do the bytes in the outbox stay. */
  #isLiveKey(slot: number, key: HashedKey): boolean {
    if (this.#hashes[slot] !== key.hash || this.#incarnations[slot] !== key.incarnation) return false
    if (this.#keyBytes[slot] !== key.bytes || !this.#isUnapplied(slot)) return false
    const first = ((this.#payloads[slot] as number) + PUT_KEY_AT) >> 2
    const whole = key.bytes >>> 2
    for (let n = 0; n < whole; n++) if (this.#data[first + n] !== key.words[n]) return false
    const restBits = (key.bytes & 3) << 3
    if (restBits === 0) return true
    return ((this.#data[first + whole] as number) & ((1 << restBits) - 1)) === key.words[whole]
  }

  #clear(): void {
    this.#taken = 0
    this.#generation = (this.#generation + 1) >>> 0
    // A number that comes round again may still stand in a slot.
    if (this.#generation === 0) this.#generations.fill(0)
    if (this.#generation === 0) this.#generation = 1
  }

  /** Moves the unapplied writes to their places in a new generation. */
  #throwOutApplied(): void {
    const live: number[] = []
    for (let slot = 0; slot < this.#slots; slot++)
      if (this.#isTaken(slot) && this.#isUnapplied(slot)) live.push(slot)
    const rows = live.map(
      (slot) =>
        [
          this.#hashes[slot] as number,
          this.#incarnations[slot] as number,
          this.#keyBytes[slot] as number,
          this.#positions[slot] as number,
          this.#payloads[slot] as number,
          this.#expiries[slot] as number,
        ] as const,
    )
    // Newest first: of two rows of one key the first to be placed lies first in the probe.
    rows.sort((a, b) => b[3] - a[3])
    this.#clear()
    for (const row of rows) {
      let slot = row[0] & (this.#slots - 1)
      while (this.#isTaken(slot)) slot = this.#after(slot)
      this.#fill(slot, ...row)
    }
  }
}
