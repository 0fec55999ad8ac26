// The blocks of the view's arena: each holds one entry's key and value, as view-layout.ts draws them. Which slot leads to
// a block is not known here.
//
// A block is written while nobody can reach it, or by the index while its stripe is odd. It is given back when no slot leads
// to it any more, and then only after readers that are still in it can see that their stripe has changed: what comes next may
// write there.
//
// A block is named by the word of the arena where it starts; 0 is none.

import type { ByteRange } from '../shared/byte-range.js'
import { wordsFor } from '../shared/key-hash.js'
import type { StripeSequences } from '../shared/stripe-sequences.js'
import { DEADLINE_BITS, KEY_AT, type View, wordsBeforeValue } from '../shared/view-layout.js'
import { Arena } from './arena.js'
import type { EntryKey } from './kept-entries.js'

/** Up to here a value may take another's place, so that its stripe is odd for a moment only. */
const MAX_STAGED_BYTES = 64

export class ViewBlocks {
  readonly #sequences: StripeSequences
  readonly #deadlines: Float64Array
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #arena: Arena
  /** The last staged value, filled up with zeros to a multiple of 8 bytes. */
  readonly staged: Int32Array = new Int32Array(MAX_STAGED_BYTES / 4)
  readonly #stagedBytes: Uint8Array = new Uint8Array(this.staged.buffer)

  /** The arena's memory is all zero. */
  constructor({ sequences, deadlines, arenaWords, arenaBytes }: View) {
    this.#sequences = sequences
    this.#deadlines = deadlines
    this.#words = arenaWords
    this.#bytes = arenaBytes
    this.#arena = new Arena(arenaWords)
  }

  /** A new block with key and value in it, or 0 when the arena has no such piece. */
  write(key: EntryKey, value: ByteRange, deadlineMs: number): number {
    const keyWords = wordsFor(key.bytes)
    const offset = this.#arena.allocate(sizeOf(key.bytes, value.length))
    if (offset === 0) return 0
    const block = offset >>> 2
    for (let n = 0; n < keyWords; n++) this.#words[block + KEY_AT + n] = key.words[n] as number
    const valueAt = (block + wordsBeforeValue(key.bytes)) * 4
    this.#deadlines[block >>> DEADLINE_BITS] = deadlineMs
    if ((value.length & 7) !== 0) endWithZeros(this.#words, valueAt + value.length)
    value.copyTo(this.#bytes, this.#words, valueAt)
    return block
  }

  /** Stages a value that may take the place of the one in this block, under the same key; false when it may not. */
  stage(block: number, keyBytes: number, value: ByteRange): boolean {
    const { length } = value
    if (length > MAX_STAGED_BYTES || !this.#arena.isSize(block * 4, sizeOf(keyBytes, length))) return false
    if ((length & 7) !== 0) endWithZeros(this.staged, length)
    value.copyTo(this.#stagedBytes, this.staged, 0)
    return true
  }

  /** Makes a block that was unpublished free for others; 0: nothing. */
  free(block: number): void {
    if (block === 0) return
    this.#sequences.settle()
    this.#arena.free(block * 4)
  }

  /** Whether the block holds these bytes as its key, which is known to be of this length. */
  hasKey(block: number, key: EntryKey): boolean {
    const count = wordsFor(key.bytes)
    for (let n = 0; n < count; n++) if (this.#words[block + KEY_AT + n] !== key.words[n]) return false
    return true
  }

  /** The block's value. Not a copy: valid until the next change, and never to be written to. */
  value(block: number, keyBytes: number, valueBytes: number): Uint8Array {
    const start = block + wordsBeforeValue(keyBytes)
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start * 4, valueBytes)
  }
}

/** Of a whole block. */
function sizeOf(keyBytes: number, valueBytes: number): number {
  return wordsBeforeValue(keyBytes) * 4 + valueBytes
}

/** Readers copy the last 64 bits of a value as a whole, which an older one may have written last. */
function endWithZeros(words: Int32Array, valueEnd: number): void {
  const word = (valueEnd >>> 3) << 1
  words[word] = 0
  words[word + 1] = 0
}
