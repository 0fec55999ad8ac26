// Reads the view, on any thread: finds a key, copies its value out, and knows when only main can tell.
//
// The protocol and why it holds stand in view-layout.ts. A copy is checked before anything looks into it.

import { HashedKey, wordsFor } from './key-hash.js'
import type { StripeSequences } from './stripe-sequences.js'
import * as layout from './view-layout.js'
import { slotOf, stripeOf, stripeSpread, type View, wordsBeforeValue } from './view-layout.js'

// As locals: V8 reads an imported constant anew at each use.
const {
  BLOCK,
  DEADLINE_BITS,
  ENTRY,
  HASH,
  INCARNATION,
  KEY_AT,
  KEY_BYTES,
  SLOT_BITS,
  STRIPE_SLOTS,
  VALUE_BYTES,
} = layout

/** No live entry has this key. */
export const MISSING = 0
/** The value was copied: `bytes`, `valueAt`, `valueBytes`. */
export const FOUND = 1
/** The view cannot tell: main can. */
export const ASK = 2
export type Found = typeof MISSING | typeof FOUND | typeof ASK

/** Larger values are asked for: copying them here would take longer than their stripe stays unchanged under load. */
export const MAX_READ_BYTES: number = 256 * 1024
/** Up to here a loop copies faster than a call of `set` with the view it needs. */
const LOOP_WORDS = 48
const FIRST_SCRATCH_BYTES = 4096
/** A microsecond or two: main's odd sections take a few dozen nanoseconds, unless its thread is not running. */
const MAX_ATTEMPTS = 2000

export class ViewReader {
  /** Holds the value that was found last, from `valueAt` on; made anew when one is longer. */
  bytes: Uint8Array
  readonly valueAt = 0
  valueBytes = 0
  /** Whether the value lies where `copyTo` said. */
  isInTarget = false
  #target: Uint32Array = new Uint32Array(0)
  #targetWord = 0
  #targetBytes = -1
  #scratch: Int32Array
  /** What `findKey` looks for. Set it, then ask as many places as hold keys. */
  readonly key: HashedKey
  readonly #maxKeyBytes: number
  readonly #stripes: number
  readonly #spread: number
  readonly #sequences: StripeSequences
  readonly #slots: Int32Array
  readonly #deadlines: Float64Array
  readonly #marks: Uint8Array
  readonly #arenaWords: Int32Array
  readonly #arenaBytes: Uint8Array

  constructor(view: View) {
    const { memory } = view
    this.key = new HashedKey(memory.secret, memory.maxKeyBytes)
    this.#maxKeyBytes = memory.maxKeyBytes
    this.#stripes = memory.stripes
    this.#spread = stripeSpread(memory.stripes)
    this.#sequences = view.sequences
    this.#slots = view.slots
    this.#deadlines = view.deadlines
    this.#marks = view.marks
    this.#arenaWords = view.arenaWords
    this.#arenaBytes = view.arenaBytes
    this.#scratch = new Int32Array(FIRST_SCRATCH_BYTES / 4)
    this.bytes = new Uint8Array(this.#scratch.buffer)
  }

  /**
   * Looks for a key of one prefix. `hasPassed` tells of moments on the engine's clock; it is called for entries that
   * expire, and only then.
   * A key longer than any that can be stored is missing.
   */
  find(incarnation: number, key: Uint8Array, hasPassed: (momentMs: number) => boolean): Found {
    if (key.length > this.#maxKeyBytes) return MISSING
    this.key.setBytes(incarnation, key)
    return this.findKey(hasPassed)
  }

  /**
   * From now on values of up to `capacityBytes` are copied to `word` of `memory`, which is the caller's own; larger ones
   * to `bytes` as before. `isInTarget` says where the last one is. Nothing of a copy that was thrown away stays anywhere.
   */
  copyTo(memory: Uint32Array, word: number, capacityBytes: number): void {
    this.#target = memory
    this.#targetWord = word
    this.#targetBytes = capacityBytes
  }

  /** Looks for `key`. */
  findKey(hasPassed: (momentMs: number) => boolean): Found {
    const sequences = this.#sequences
    const stripe = stripeOf(this.key.hash, this.#stripes, this.#spread)
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const sequence = sequences.read(stripe)
      if ((sequence & 1) !== 0) continue
      const slot = this.#probe(stripe)
      if (slot < 0) {
        const overflow = sequences.overflow(stripe)
        if (!sequences.isStill(stripe, sequence)) continue
        return overflow === 0 ? MISSING : ASK
      }
      const block = this.#slots[(slot << SLOT_BITS) + BLOCK] as number
      const entry = this.#slots[(slot << SLOT_BITS) + ENTRY] as number
      const deadlineMs = this.#deadlines[block >>> DEADLINE_BITS] as number
      const isCopied = this.#copyValue(slot << SLOT_BITS)
      if (!sequences.isStill(stripe, sequence)) {
        if (isCopied) this.#wipe()
        continue
      }
      if (block === 0) return ASK
      if (deadlineMs !== Number.POSITIVE_INFINITY && hasPassed(deadlineMs)) return MISSING
      if (!isCopied) return ASK
      // Looked at before it is set: a store would take the cache line away from all other readers each time.
      if (this.#marks[entry] === 0) this.#marks[entry] = 1
      return FOUND
    }
    return ASK
  }

  /** The slot of the key, or -1. */
  #probe(stripe: number): number {
    const key = this.key
    const { hash } = key
    const slots = this.#slots
    for (let step = 0; step < STRIPE_SLOTS; step++) {
      const slot = slotOf(stripe, hash, step)
      const at = slot << SLOT_BITS
      const held = slots[at + HASH] as number
      if (held === 0) return -1
      if (held !== hash) continue
      if (slots[at + INCARNATION] !== key.incarnation || slots[at + KEY_BYTES] !== key.bytes) continue
      // Without a block the key cannot be compared here, either; the value is not copied, so main is asked.
      const block = slots[at + BLOCK] as number
      if (block === 0 || this.#hasKey(block)) return slot
    }
    return -1
  }

  #hasKey(block: number): boolean {
    const arena = this.#arenaWords
    const { words } = this.key
    const count = wordsFor(this.key.bytes)
    // Outside the arena there is `undefined`, which equals no word.
    for (let n = 0; n < count; n++) if (arena[block + KEY_AT + n] !== words[n]) return false
    return true
  }

  /** Copies a slot's value out. false: it has no block, is too large for this, or the slot is being changed. */
  #copyValue(at: number): boolean {
    const slots = this.#slots
    const block = slots[at + BLOCK] as number
    const valueBytes = slots[at + VALUE_BYTES] as number
    const start = block + wordsBeforeValue(this.key.bytes)
    const words = wordsFor(valueBytes)
    const isSound = block > 0 && valueBytes >= 0 && start + words <= this.#arenaWords.length
    if (!isSound || valueBytes > MAX_READ_BYTES) return false
    this.valueBytes = valueBytes
    this.isInTarget = valueBytes <= this.#targetBytes
    if (this.isInTarget) {
      copyWords(this.#arenaWords, start, this.#target, this.#targetWord, words)
      return true
    }
    if (valueBytes > this.bytes.length) this.#grow(valueBytes)
    if (words > LOOP_WORDS) {
      this.bytes.set(
        new Uint8Array(this.#arenaBytes.buffer, this.#arenaBytes.byteOffset + start * 4, valueBytes),
      )
      return true
    }
    copyWords(this.#arenaWords, start, this.#scratch, 0, words)
    return true
  }

  /** What was copied is no state of any entry, and may be another tenant's bytes. */
  #wipe(): void {
    if (this.isInTarget) this.#target.fill(0, this.#targetWord, this.#targetWord + wordsFor(this.valueBytes))
    else this.bytes.fill(0, 0, this.valueBytes)
  }

  #grow(bytes: number): void {
    let size = this.bytes.length
    while (size < bytes) size *= 2
    this.#scratch = new Int32Array(size / 4)
    this.bytes = new Uint8Array(this.#scratch.buffer)
  }
}

function copyWords(
  from: Int32Array,
  fromWord: number,
  to: Int32Array | Uint32Array,
  toWord: number,
  count: number,
): void {
  for (let n = 0; n < count; n++) to[toWord + n] = from[fromWord + n] as number
}
