// Main's side of the view: binds keys to entry ids, and decides where an entry's key and value are.
//
// Main's own lookups go through the same slots and blocks: bytes are held once. Layout, protocol and the argument for it
// stand in shared/view-layout.ts; slots are view-index.ts, blocks view-blocks.ts. For each entry one of these holds:
//
//   slot and block         readers need nobody
//   slot, bytes kept here  the arena had no room in one piece (a stray): readers ask for this key
//   no slot, kept here     the stripe was full (overflow): readers ask for whatever they miss in that stripe
//
// A kept entry moves into the arena or into a slot as soon as it can: a stray when it is written or asked for again, one
// of a full stripe when a slot of it gets free. What a put promised does not depend on where free space lies.
//
// A short value is written over the one before it, if the block has the size that it wants. Any other overwrite writes a new
// block before it gives the old one back, so readers find the one or the other. Where both do not fit, they ask for a moment.

import type { ByteRange } from '../shared/byte-range.js'
import { HashedKey } from '../shared/key-hash.js'
import { STRIPE_BITS, type View } from '../shared/view-layout.js'
import { KeptEntries, type KeptEntry } from './kept-entries.js'
import { ViewBlocks } from './view-blocks.js'
import { ViewIndex } from './view-index.js'

const NONE = -1

export class ViewWriter {
  /** What `findKey` looks for, and `insert` and `replace` write to; `find` sets it. */
  readonly key: HashedKey
  readonly #marks: Uint8Array
  readonly #blocks: ViewBlocks
  readonly #index: ViewIndex
  readonly #kept = new KeptEntries()

  /** The view's memory is all zero. */
  constructor(view: View) {
    this.key = new HashedKey(view.memory.secret, view.memory.maxKeyBytes)
    this.#marks = view.marks
    this.#blocks = new ViewBlocks(view)
    this.#index = new ViewIndex(view, this.#blocks, this.#kept)
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
    const stripe = this.#index.stripeOf(sought.hash)
    const found = this.#index.find(stripe, sought)
    if (found !== NONE || this.#index.overflow(stripe) === 0) return found
    return this.#kept.findInStripe(stripe, sought)
  }

  /**
   * Binds the key that was looked for last, and not found, to `id`, and copies the value in. Removals may
   * lie between. `deadlineMs`: whole milliseconds, or Infinity. The value may not lie in this view.
   */
  insert(id: number, value: ByteRange, deadlineMs: number): void {
    const key = this.key
    const slot = this.#index.emptySlot(key.hash)
    if (slot === NONE) {
      this.#overflow(id, value, deadlineMs)
      return
    }
    const block = this.#blocks.write(key, value, deadlineMs)
    if (block === 0) this.#kept.add(id, key, value, deadlineMs)
    this.#index.fill(id, slot, key, block, value.length)
  }

  /** Gives the id that was found last another value. */
  replace(id: number, value: ByteRange, deadlineMs: number): void {
    const key = this.key
    const slot = this.#index.slot(id)
    if (slot === NONE) {
      this.#kept.add(id, key, value, deadlineMs)
      return
    }
    const old = this.#index.block(slot)
    if (old !== 0 && this.#blocks.stage(old, key.bytes, value)) {
      this.#index.overwrite(slot, old, value.length, deadlineMs)
      return
    }
    const block = this.#blocks.write(key, value, deadlineMs)
    if (block === 0) this.#kept.add(id, key, value, deadlineMs)
    this.#index.swap(slot, block, value.length)
    this.#blocks.free(old)
    if (block !== 0 && old === 0) this.#kept.remove(id)
    // With the old block's room it may fit.
    if (block === 0 && old !== 0) this.#takeIn(id, slot)
  }

  /** Unbinds the id's key and lets its bytes go. */
  remove(id: number): void {
    const index = this.#index
    const slot = index.slot(id)
    if (slot === NONE) {
      const stripe = index.stripeOf(this.#kept.get(id).hash)
      this.#kept.remove(id)
      index.publishOverflow(stripe, index.overflow(stripe) - 1)
      return
    }
    const block = index.block(slot)
    index.unlink(id, slot)
    this.#blocks.free(block)
    if (block === 0) this.#kept.remove(id)
    const stripe = slot >> STRIPE_BITS
    if (index.overflow(stripe) > 0) this.#admit(stripe)
  }

  /** The encoded value. Not a copy: valid until the next change, and never to be written back. */
  value(id: number): Uint8Array {
    const index = this.#index
    const slot = index.slot(id)
    if (slot === NONE) return this.#kept.get(id).value
    const block = index.block(slot) || this.#takeIn(id, slot)
    if (block === 0) return this.#kept.get(id).value
    return this.#blocks.value(block, index.keyBytes(slot), index.valueBytes(slot))
  }

  /** Whether a reader found the entry since its mark was last taken; takes the mark away. */
  take(id: number): boolean {
    const marks = this.#marks
    if (marks[id] === 0) return false
    marks[id] = 0
    return true
  }

  #overflow(id: number, value: ByteRange, deadlineMs: number): void {
    const stripe = this.#index.stripeOf(this.key.hash)
    this.#kept.add(id, this.key, value, deadlineMs, stripe)
    this.#index.publishOverflow(stripe, this.#index.overflow(stripe) + 1)
  }

  /** A slot of a stripe that overflows got free: one of the entries without a slot takes it. */
  #admit(stripe: number): void {
    const index = this.#index
    const id = this.#kept.leaveStripe(stripe)
    const entry = this.#kept.get(id)
    const slot = index.emptySlot(entry.hash)
    const block = this.#blocks.write(entry, this.#kept.range(entry), entry.deadlineMs)
    index.fill(id, slot, entry, block, entry.value.length)
    // Afterwards: as long as it is counted, nobody takes a miss for final.
    index.publishOverflow(stripe, index.overflow(stripe) - 1)
    if (block !== 0) this.#kept.remove(id)
  }

  /** Somebody wants a stray: it moves into the arena if there is a piece for it now. Gives its block or 0. */
  #takeIn(id: number, slot: number): number {
    const entry: KeptEntry = this.#kept.get(id)
    const block = this.#blocks.write(entry, this.#kept.range(entry), entry.deadlineMs)
    if (block === 0) return 0
    this.#index.swap(slot, block, entry.value.length)
    this.#kept.remove(id)
    return block
  }
}
