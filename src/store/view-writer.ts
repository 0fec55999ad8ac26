// Main's side of the view: binds keys to entry ids, holds keys and values, and publishes every change at once.
//
// Main's own lookups go through the same slots and blocks: bytes are held once. Layout, protocol and the argument for it
// stand in shared/view-layout.ts. For each entry one of these holds:
//
//   slot and block         readers need nobody
//   slot, bytes kept here  the arena had no room in one piece (a stray): readers ask for this key
//   no slot, kept here     the stripe was full (overflow): readers ask for whatever they miss in that stripe
//
// A kept entry moves into the arena or into a slot as soon as it can: a stray when it is written or asked for again, one
// of a full stripe when a slot of it gets free. What a put promised does not depend on where free space lies.
//
// An overwrite writes the new block before it gives the old one back, so readers find the one or the other. Where both do
// not fit, they ask for a moment.

import type { ByteRange } from '../shared/byte-range.js'
import { HashedKey, wordsFor } from '../shared/key-hash.js'
import type { StripeSequences } from '../shared/stripe-sequences.js'
import {
  BLOCK,
  DEADLINE,
  DEADLINE_BITS,
  ENTRY,
  HASH,
  INCARNATION,
  KEY_BYTES,
  SLOT_BITS,
  SLOT_WORDS,
  STRIPE_BITS,
  STRIPE_MASK,
  STRIPE_SLOTS,
  slotOf,
  stripeOf,
  stripeSpread,
  VALUE_BYTES,
  type View,
  wordsBeforeValue,
} from '../shared/view-layout.js'
import { Arena } from './arena.js'
import { type EntryKey, KeptEntries, type KeptEntry } from './kept-entries.js'

const NONE = -1

export class ViewWriter {
  /** What `findKey` looks for, and `insert` and `replace` write to; `find` sets it. */
  readonly key: HashedKey
  readonly #view: View
  readonly #sequences: StripeSequences
  readonly #slots: Int32Array
  readonly #deadlines: Float64Array
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #stripes: number
  readonly #spread: number
  readonly #arena: Arena
  /** By id: the slot + 1, or 0. */
  readonly #slotOf: Int32Array
  readonly #kept = new KeptEntries()

  /** The view's memory is all zero. */
  constructor(view: View) {
    const { memory } = view
    this.#view = view
    this.#sequences = view.sequences
    this.#slots = view.slots
    this.#deadlines = view.deadlines
    this.#words = view.arenaWords
    this.#bytes = view.arenaBytes
    this.#stripes = memory.stripes
    this.#spread = stripeSpread(memory.stripes)
    this.#arena = new Arena(view.arenaWords)
    this.key = new HashedKey(memory.secret, memory.maxKeyBytes)
    this.#slotOf = new Int32Array(memory.maxEntries)
  }

  /** Entries that readers have to ask for, whatever the reason. */
  get asked(): number {
    return this.#kept.size
  }

  /** The id under exactly these bytes of this incarnation, or -1. The key may be as long as `maxKeyBytes`. */
  find(incarnation: number, key: Uint8Array): number {
    this.key.setBytes(incarnation, key)
    return this.findKey()
  }

  /** The same for `key`. */
  findKey(): number {
    const sought = this.key
    const { hash } = sought
    const slots = this.#slots
    const stripe = this.#stripeOf(hash)
    for (let step = 0; step < STRIPE_SLOTS; step++) {
      const at = slotOf(stripe, hash, step) << SLOT_BITS
      const held = slots[at + HASH] as number
      if (held === 0) break
      if (held === hash && this.#isKeyOf(at)) return slots[at + ENTRY] as number
    }
    return this.#sequences.overflow(stripe) === 0 ? NONE : this.#kept.findInStripe(stripe, sought)
  }

  /**
   * Binds the key that was looked for last, and not found, to `id`, and copies the value in. Removals may
   * lie between. `deadlineMs`: whole milliseconds, or Infinity. The value may not lie in this view.
   */
  insert(id: number, value: ByteRange, deadlineMs: number): void {
    const key = this.key
    const slot = this.#emptySlot(key.hash)
    if (slot === NONE) {
      this.#overflow(id, value, deadlineMs)
      return
    }
    const block = this.#write(key, value)
    if (block === 0) this.#kept.add(id, key, value, deadlineMs)
    this.#fill(id, slot, key, block, value.length, deadlineMs)
  }

  /** Gives the id that was found last another value. */
  replace(id: number, value: ByteRange, deadlineMs: number): void {
    const key = this.key
    const slot = (this.#slotOf[id] as number) - 1
    if (slot < 0) {
      this.#kept.add(id, key, value, deadlineMs)
      return
    }
    const at = slot << SLOT_BITS
    const old = this.#slots[at + BLOCK] as number
    const block = this.#write(key, value)
    if (block === 0) this.#kept.add(id, key, value, deadlineMs)
    this.#swap(slot, block, value.length, deadlineMs)
    this.#free(old)
    if (block !== 0 && old === 0) this.#kept.remove(id)
    // With the old block's room it may fit.
    if (block === 0 && old !== 0) this.#takeIn(id, slot)
  }

  /** Unbinds the id's key and lets its bytes go. */
  remove(id: number): void {
    const slot = (this.#slotOf[id] as number) - 1
    if (slot < 0) {
      const stripe = this.#stripeOf(this.#kept.get(id).hash)
      this.#kept.remove(id)
      this.#publishOverflow(stripe, this.#sequences.overflow(stripe) - 1)
      return
    }
    const block = this.#slots[(slot << SLOT_BITS) + BLOCK] as number
    this.#unlink(slot)
    this.#slotOf[id] = 0
    this.#free(block)
    if (block === 0) this.#kept.remove(id)
    const stripe = slot >> STRIPE_BITS
    if (this.#sequences.overflow(stripe) > 0) this.#admit(stripe)
  }

  /** The encoded value. Not a copy: valid until the next change, and never to be written back. */
  value(id: number): Uint8Array {
    const slot = (this.#slotOf[id] as number) - 1
    if (slot < 0) return this.#kept.get(id).value
    const at = slot << SLOT_BITS
    const block = (this.#slots[at + BLOCK] as number) || this.#takeIn(id, slot)
    if (block === 0) return this.#kept.get(id).value
    const start = block + wordsBeforeValue(this.#slots[at + KEY_BYTES] as number)
    return new Uint8Array(
      this.#bytes.buffer,
      this.#bytes.byteOffset + start * 4,
      this.#slots[at + VALUE_BYTES] as number,
    )
  }

  /** Whether a reader found the entry since its mark was last taken; takes the mark away. */
  take(id: number): boolean {
    const { marks } = this.#view
    if (marks[id] === 0) return false
    marks[id] = 0
    return true
  }

  #isKeyOf(at: number): boolean {
    const slots = this.#slots
    const key = this.key
    if (slots[at + INCARNATION] !== key.incarnation || slots[at + KEY_BYTES] !== key.bytes) return false
    const block = slots[at + BLOCK] as number
    if (block === 0) return this.#kept.get(slots[at + ENTRY] as number).hasKey(key)
    const count = wordsFor(key.bytes)
    for (let n = 0; n < count; n++) if (this.#words[block + n] !== key.words[n]) return false
    return true
  }

  #stripeOf(hash: number): number {
    return stripeOf(hash, this.#stripes, this.#spread)
  }

  #emptySlot(hash: number): number {
    const stripe = this.#stripeOf(hash)
    for (let step = 0; step < STRIPE_SLOTS; step++) {
      const slot = slotOf(stripe, hash, step)
      if (this.#slots[(slot << SLOT_BITS) + HASH] === 0) return slot
    }
    return NONE
  }

  /** The word of a new block with key and value in it, or 0 when the arena has no such piece. */
  #write(key: EntryKey, value: ByteRange): number {
    const keyWords = wordsFor(key.bytes)
    const valueAt = wordsBeforeValue(key.bytes) * 4
    const offset = this.#arena.allocate(valueAt + value.length)
    if (offset === 0) return 0
    const block = offset >>> 2
    for (let n = 0; n < keyWords; n++) this.#words[block + n] = key.words[n] as number
    if ((value.length & 7) !== 0) this.#endWithZeros(offset + valueAt + value.length)
    value.copyTo(this.#bytes, this.#words, offset + valueAt)
    return block
  }

  /** Readers copy the last 64 bits of a value as a whole, which an older entry may have written last. */
  #endWithZeros(valueEnd: number): void {
    const word = (valueEnd >>> 3) << 1
    this.#words[word] = 0
    this.#words[word + 1] = 0
  }

  /** Makes a block that was unpublished free for others; 0: nothing. */
  #free(block: number): void {
    if (block === 0) return
    this.#sequences.settle()
    this.#arena.free(block * 4)
  }

  /** Fills an empty slot. */
  #fill(
    id: number,
    slot: number,
    key: EntryKey,
    block: number,
    valueBytes: number,
    deadlineMs: number,
  ): void {
    const slots = this.#slots
    const at = slot << SLOT_BITS
    const { hash, incarnation, bytes: keyBytes } = key
    this.#sequences.begin(slot >> STRIPE_BITS)
    try {
      slots[at + HASH] = hash
      slots[at + INCARNATION] = incarnation
      slots[at + KEY_BYTES] = keyBytes
      slots[at + VALUE_BYTES] = valueBytes
      slots[at + BLOCK] = block
      slots[at + ENTRY] = id
      this.#deadlines[(slot << DEADLINE_BITS) + DEADLINE] = deadlineMs
    } finally {
      this.#sequences.end(slot >> STRIPE_BITS)
    }
    this.#slotOf[id] = slot + 1
  }

  /** Gives a filled slot another value. */
  #swap(slot: number, block: number, valueBytes: number, deadlineMs: number): void {
    const at = slot << SLOT_BITS
    this.#sequences.begin(slot >> STRIPE_BITS)
    try {
      this.#slots[at + BLOCK] = block
      this.#slots[at + VALUE_BYTES] = valueBytes
      this.#deadlines[(slot << DEADLINE_BITS) + DEADLINE] = deadlineMs
    } finally {
      this.#sequences.end(slot >> STRIPE_BITS)
    }
  }

  /** Empties a slot. Entries behind it move up to it unless their home lies after it, so no probe meets a gap. */
  #unlink(slot: number): void {
    const slots = this.#slots
    const stripe = slot >> STRIPE_BITS
    let hole = slot
    this.#sequences.begin(stripe)
    try {
      for (let step = 1; step < STRIPE_SLOTS; step++) {
        const next = slotOf(stripe, slot, step)
        const hash = slots[(next << SLOT_BITS) + HASH] as number
        if (hash === 0) break
        if (((next - hash) & STRIPE_MASK) < ((next - hole) & STRIPE_MASK)) continue
        this.#move(next, hole)
        hole = next
      }
      slots[(hole << SLOT_BITS) + HASH] = 0
    } finally {
      this.#sequences.end(slot >> STRIPE_BITS)
    }
  }

  #move(from: number, to: number): void {
    const slots = this.#slots
    const source = from << SLOT_BITS
    const target = to << SLOT_BITS
    for (let n = 0; n < SLOT_WORDS; n++) slots[target + n] = slots[source + n] as number
    this.#slotOf[slots[source + ENTRY] as number] = to + 1
  }

  #overflow(id: number, value: ByteRange, deadlineMs: number): void {
    const stripe = this.#stripeOf(this.key.hash)
    this.#kept.add(id, this.key, value, deadlineMs, stripe)
    this.#publishOverflow(stripe, this.#sequences.overflow(stripe) + 1)
  }

  #publishOverflow(stripe: number, entries: number): void {
    this.#sequences.begin(stripe)
    try {
      this.#sequences.setOverflow(stripe, entries)
    } finally {
      this.#sequences.end(stripe)
    }
  }

  /** A slot of a stripe that overflows got free: one of the entries without a slot takes it. */
  #admit(stripe: number): void {
    const id = this.#kept.leaveStripe(stripe)
    const entry = this.#kept.get(id)
    const slot = this.#emptySlot(entry.hash)
    const block = this.#write(entry, this.#kept.range(entry))
    this.#fill(id, slot, entry, block, entry.value.length, entry.deadlineMs)
    // Afterwards: as long as it is counted, nobody takes a miss for final.
    this.#publishOverflow(stripe, this.#sequences.overflow(stripe) - 1)
    if (block !== 0) this.#kept.remove(id)
  }

  /** Somebody wants a stray: it moves into the arena if there is a piece for it now. Gives its block or 0. */
  #takeIn(id: number, slot: number): number {
    const entry: KeptEntry = this.#kept.get(id)
    const block = this.#write(entry, this.#kept.range(entry))
    if (block === 0) return 0
    this.#swap(slot, block, entry.value.length, entry.deadlineMs)
    this.#kept.remove(id)
    return block
  }
}
