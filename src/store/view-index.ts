// Main's side of the view's index: which slot an entry has, and every store into slots and stripe heads.
//
// Each change of a stripe lies between `begin` and `end` of its sequence number, and is stores only: whatever it publishes
// was settled and written before. Layout, protocol and the argument for it stand in shared/view-layout.ts.

import type { StripeSequences } from '../shared/stripe-sequences.js'
import {
  BLOCK,
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
import type { EntryKey, KeptEntries } from './kept-entries.js'
import type { ViewBlocks } from './view-blocks.js'

const NONE = -1

export class ViewIndex {
  readonly #sequences: StripeSequences
  readonly #slots: Int32Array
  readonly #deadlines: Float64Array
  readonly #arena: Int32Array
  readonly #stripes: number
  readonly #spread: number
  /** By id: the slot + 1, or 0. */
  readonly #slotOf: Int32Array
  readonly #blocks: ViewBlocks
  readonly #kept: KeptEntries

  /** The index's memory is all zero. Keys are compared where the entries' bytes are: in `blocks`, or in `kept`. */
  constructor(
    { memory, sequences, slots, deadlines, arenaWords }: View,
    blocks: ViewBlocks,
    kept: KeptEntries,
  ) {
    this.#sequences = sequences
    this.#slots = slots
    this.#deadlines = deadlines
    this.#arena = arenaWords
    this.#stripes = memory.stripes
    this.#spread = stripeSpread(memory.stripes)
    this.#slotOf = new Int32Array(memory.maxEntries)
    this.#blocks = blocks
    this.#kept = kept
  }

  stripeOf(hash: number): number {
    return stripeOf(hash, this.#stripes, this.#spread)
  }

  /** The id in this stripe's slots under this key, or -1. */
  find(stripe: number, key: EntryKey): number {
    const { hash } = key
    const slots = this.#slots
    for (let step = 0; step < STRIPE_SLOTS; step++) {
      const at = slotOf(stripe, hash, step) << SLOT_BITS
      const held = slots[at + HASH] as number
      if (held === 0) break
      if (held === hash && this.#isKeyOf(at, key)) return slots[at + ENTRY] as number
    }
    return NONE
  }

  /** The id's slot, or -1. */
  slot(id: number): number {
    return (this.#slotOf[id] as number) - 1
  }

  /** The first empty slot for this hash, or -1 when its stripe is full. */
  emptySlot(hash: number): number {
    const stripe = this.stripeOf(hash)
    for (let step = 0; step < STRIPE_SLOTS; step++) {
      const slot = slotOf(stripe, hash, step)
      if (this.#slots[(slot << SLOT_BITS) + HASH] === 0) return slot
    }
    return NONE
  }

  block(slot: number): number {
    return this.#slots[(slot << SLOT_BITS) + BLOCK] as number
  }

  keyBytes(slot: number): number {
    return this.#slots[(slot << SLOT_BITS) + KEY_BYTES] as number
  }

  valueBytes(slot: number): number {
    return this.#slots[(slot << SLOT_BITS) + VALUE_BYTES] as number
  }

  /** Fills an empty slot. */
  fill(id: number, slot: number, key: EntryKey, block: number, valueBytes: number): void {
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
    } finally {
      this.#sequences.end(slot >> STRIPE_BITS)
    }
    this.#slotOf[id] = slot + 1
  }

  /** Gives a filled slot another block. */
  swap(slot: number, block: number, valueBytes: number): void {
    const at = slot << SLOT_BITS
    this.#sequences.begin(slot >> STRIPE_BITS)
    try {
      this.#slots[at + BLOCK] = block
      this.#slots[at + VALUE_BYTES] = valueBytes
    } finally {
      this.#sequences.end(slot >> STRIPE_BITS)
    }
  }

  /** Gives a filled slot's block the value that is staged, which has room there. */
  overwrite(slot: number, block: number, valueBytes: number, deadlineMs: number): void {
    const slots = this.#slots
    const at = slot << SLOT_BITS
    const start = block + wordsBeforeValue(slots[at + KEY_BYTES] as number)
    const words = ((valueBytes + 7) >>> 3) << 1
    const { staged } = this.#blocks
    // Most have the size of those before, and then readers keep the slot's line.
    const hasNewSize = slots[at + VALUE_BYTES] !== valueBytes
    this.#sequences.begin(slot >> STRIPE_BITS)
    try {
      this.#deadlines[block >>> DEADLINE_BITS] = deadlineMs
      for (let n = 0; n < words; n++) this.#arena[start + n] = staged[n] as number
      if (hasNewSize) slots[at + VALUE_BYTES] = valueBytes
    } finally {
      this.#sequences.end(slot >> STRIPE_BITS)
    }
  }

  /** Empties the id's slot. Entries behind it move up to it unless their home lies after it, so no probe meets a gap. */
  unlink(id: number, slot: number): void {
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
    this.#slotOf[id] = 0
  }

  #move(from: number, to: number): void {
    const slots = this.#slots
    const source = from << SLOT_BITS
    const target = to << SLOT_BITS
    for (let n = 0; n < SLOT_WORDS; n++) slots[target + n] = slots[source + n] as number
    this.#slotOf[slots[source + ENTRY] as number] = to + 1
  }

  /** Entries of this stripe that have no slot: as long as there are any, no reader takes a miss there for final. */
  overflow(stripe: number): number {
    return this.#sequences.overflow(stripe)
  }

  publishOverflow(stripe: number, entries: number): void {
    this.#sequences.begin(stripe)
    try {
      this.#sequences.setOverflow(stripe, entries)
    } finally {
      this.#sequences.end(stripe)
    }
  }

  #isKeyOf(at: number, key: EntryKey): boolean {
    const slots = this.#slots
    if (slots[at + INCARNATION] !== key.incarnation || slots[at + KEY_BYTES] !== key.bytes) return false
    const block = slots[at + BLOCK] as number
    return block === 0
      ? this.#kept.get(slots[at + ENTRY] as number).hasKey(key)
      : this.#blocks.hasKey(block, key)
  }
}
