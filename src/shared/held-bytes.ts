// Some bytes that are not changed any more, in an array that holds those of others too: an array of its own costs more than
// the bytes themselves, where they are few.

/** Up to here a loop is faster than `set` and the view it needs. */
const LOOP_BYTES = 256

export interface HeldBytes {
  readonly bytes: Uint8Array
  /** The memory of `bytes` by words. Of many bytes it may be missing, else each of them lies in a word. */
  readonly words: Uint32Array
  /** Where they begin in `bytes`: a multiple of 4. */
  readonly at: number
  readonly lengthBytes: number
}

/** Encoded values, one after the other. */
export interface EncodedArguments extends HeldBytes {
  readonly count: number
}

const NO_WORDS = new Uint32Array(0)

export const NO_BYTES: HeldBytes = { bytes: new Uint8Array(0), words: NO_WORDS, at: 0, lengthBytes: 0 }

export const NO_ARGUMENTS: EncodedArguments = { ...NO_BYTES, count: 0 }

/** Holds a whole array, which is not changed any more. */
export function holdBytes(bytes: Uint8Array): HeldBytes {
  const lengthBytes = bytes.length
  if (lengthBytes > LOOP_BYTES) return { bytes, words: NO_WORDS, at: 0, lengthBytes }
  const words = new Uint32Array((lengthBytes + 3) >>> 2)
  const copy = new Uint8Array(words.buffer)
  copy.set(bytes)
  return { bytes: copy, words, at: 0, lengthBytes }
}

/** The bytes themselves, without those of others. */
export function viewOf({ bytes, at, lengthBytes }: HeldBytes): Uint8Array {
  return bytes.subarray(at, at + lengthBytes)
}

/** Copies them to a place that begins at a word, in memory seen both ways. The rest of the last word is overwritten too. */
export function copyHeld(bytes: Uint8Array, words: Int32Array, at: number, held: HeldBytes): void {
  if (held.lengthBytes > LOOP_BYTES) {
    bytes.set(viewOf(held), at)
    return
  }
  const count = (held.lengthBytes + 3) >>> 2
  const from = held.at >>> 2
  const to = at >>> 2
  for (let n = 0; n < count; n++) words[to + n] = held.words[from + n] as number
}
