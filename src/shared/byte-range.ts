// Some bytes of an array that somebody else owns: what is handed over without making a view of them, which costs more than
// to copy them. One object is used again and again; what it says is good until its owner says something else by it.

/** Up to here a loop copies faster than a call of `set` with the view it needs. */
const LOOP_BYTES = 64
/** The same by words. */
const LOOP_WORDS = 64
const NO_BYTES: Uint8Array = new Uint8Array(0)
const NO_WORDS: Uint32Array = new Uint32Array(0)

export class ByteRange {
  bytes: Uint8Array = NO_BYTES
  at = 0
  length = 0
  /** The same memory by words; empty when the range does not begin at one. */
  #words: Uint32Array = NO_WORDS

  /** The whole array. */
  setBytes(bytes: Uint8Array): this {
    this.bytes = bytes
    this.#words = NO_WORDS
    this.at = 0
    this.length = bytes.length
    return this
  }

  /** `at`: a multiple of 4. `words` is the memory of `bytes`, and covers the range's last byte with a whole word. */
  setWords(bytes: Uint8Array, words: Uint32Array, at: number, length: number): this {
    this.bytes = bytes
    this.#words = words
    this.at = at
    this.length = length
    return this
  }

  /**
   * Copies the bytes to a place that begins at a whole word, in memory seen both ways. What the last word has room for
   * behind them may become zero, nothing else of the memory changes.
   */
  copyTo(bytes: Uint8Array, words: Int32Array, at: number): void {
    const { length } = this
    const whole = length >>> 2
    if (this.#words.length > 0 && whole < LOOP_WORDS) {
      const from = this.at >>> 2
      const to = at >>> 2
      for (let n = 0; n < whole; n++) words[to + n] = this.#words[from + n] as number
      const restBits = (length & 3) << 3
      if (restBits > 0) words[to + whole] = (this.#words[from + whole] as number) & ((1 << restBits) - 1)
    } else if (length <= LOOP_BYTES) {
      for (let n = 0; n < length; n++) bytes[at + n] = this.bytes[this.at + n] as number
    } else bytes.set(this.#view(), at)
  }

  /** A copy of one's own. */
  slice(): Uint8Array {
    return new Uint8Array(this.#view())
  }

  #view(): Uint8Array {
    const { bytes, at, length } = this
    return at === 0 && length === bytes.length ? bytes : bytes.subarray(at, at + length)
  }
}
