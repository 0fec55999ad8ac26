// Host arguments → bytes that a run holds. One writer serves all runs of an engine; each run gets a copy of what it
// holds, because it may wait in the queue while the next arguments are encoded. Short ones lie one behind the other in pages,
// which nobody writes to a second time: a page is garbage with the last run that has arguments there.

import { createError, MoonpoolError } from './errors.js'
import { KIB } from './limits.js'
import { shown } from './option-problems.js'
import { type EncodedArguments, type HeldBytes, holdBytes, NO_ARGUMENTS } from './shared/held-bytes.js'
import { type ByteWriter, encodeValue } from './shared/values.js'
import { SpareWriter } from './spare-writer.js'

/** One run that waits holds a whole page. */
const PAGE_BYTES: number = 4 * KIB
/** More than so much of a page has memory of its own. */
const MAX_PART_BYTES: number = PAGE_BYTES / 8

const PATHS = Array.from({ length: 16 }, (_, index) => `args[${index}]`)

export class ArgumentEncoder {
  readonly #maxBytes: number
  readonly #writer = new SpareWriter()
  #page = newPage(0)
  /** In words. */
  #pageAt = 0

  constructor(maxArgumentBytes: number) {
    this.#maxBytes = maxArgumentBytes
  }

  /** The one argument of `main`. */
  one(value: unknown, call: string): EncodedArguments {
    const writer = this.#writer.take()
    this.#encode(value, writer, 'args', call)
    return this.#hold(writer, 1)
  }

  /** One argument for each element; holes are nil. */
  each(values: readonly unknown[], call: string): EncodedArguments {
    if (!Array.isArray(values)) {
      throw createError(
        'MOONPOOL_INVALID_VALUE',
        `${call}: args must be an array, one element for each Lua argument, got ${shown(values)}`,
      )
    }
    if (values.length === 0) return NO_ARGUMENTS
    // Read before the writer is taken: the elements of a proxy are code of the caller.
    const elements: readonly unknown[] = [...values]
    const writer = this.#writer.take()
    for (let index = 0; index < elements.length; index++) {
      this.#encode(elements[index], writer, PATHS[index] ?? `args[${index}]`, call)
    }
    return this.#hold(writer, elements.length)
  }

  #encode(value: unknown, writer: ByteWriter, path: string, call: string): void {
    try {
      encodeValue(value, writer, this.#maxBytes - writer.length, path)
    } catch (error) {
      throw error instanceof MoonpoolError && error.reason !== undefined ? this.#tooLarge(call) : error
    }
  }

  #tooLarge(call: string): MoonpoolError {
    return createError(
      'MOONPOOL_INVALID_VALUE',
      `${call}: the arguments take more than ${this.#maxBytes} bytes: give less, or raise limits.maxArgumentBytes`,
      { reason: 'too large' },
    )
  }

  #hold(writer: ByteWriter, count: number): EncodedArguments {
    const lengthBytes = writer.length
    if (lengthBytes > MAX_PART_BYTES) return { ...holdApart(writer), count }
    const wordCount = (lengthBytes + 3) >>> 2
    if (this.#pageAt + wordCount > this.#page.words.length) {
      this.#page = newPage(PAGE_BYTES)
      this.#pageAt = 0
    }
    const { bytes, words } = this.#page
    const at = this.#pageAt
    for (let n = 0; n < wordCount; n++) words[at + n] = writer.words[n] as number
    this.#pageAt = at + wordCount
    return { bytes, words, at: at * 4, lengthBytes, count }
  }
}

interface Page {
  readonly bytes: Uint8Array
  readonly words: Uint32Array
}

function newPage(sizeBytes: number): Page {
  const bytes = new Uint8Array(sizeBytes)
  return { bytes, words: new Uint32Array(bytes.buffer) }
}

function holdApart(writer: ByteWriter): HeldBytes {
  const copy = Buffer.allocUnsafe(writer.length)
  copy.set(writer.bytes.subarray(0, writer.length))
  return holdBytes(copy)
}
