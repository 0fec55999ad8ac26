// Host arguments → bytes that a run owns. One writer serves all runs of an engine; each run gets a copy of what it
// holds, because it may wait in the queue while the next arguments are encoded.

import { createError, MoonpoolError } from './errors.js'
import { shown } from './option-problems.js'
import { type ByteWriter, encodeValue } from './shared/values.js'
import { SpareWriter } from './spare-writer.js'

/** One nil: what `main` gets when the host gives nothing. Read only. */
const NO_ARGUMENT = new Uint8Array(1)
const NO_ARGUMENTS = new Uint8Array(0)

const PATHS = Array.from({ length: 16 }, (_, index) => `args[${index}]`)

export class ArgumentEncoder {
  readonly #maxBytes: number
  readonly #writer = new SpareWriter()

  constructor(maxArgumentBytes: number) {
    this.#maxBytes = maxArgumentBytes
  }

  /** The one argument of `main`. */
  one(value: unknown, call: string): Uint8Array {
    if (value === undefined) return NO_ARGUMENT
    const writer = this.#writer.take()
    this.#encode(value, writer, 'args', call)
    return copyOf(writer)
  }

  /** One argument for each element; holes are nil. */
  each(values: readonly unknown[], call: string): Uint8Array {
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
    return copyOf(writer)
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
}

/** Small arrays lie in the JavaScript heap; above that a piece of Node's pool is several times cheaper than an array. */
const HEAP_ARRAY_BYTES = 64

function copyOf(writer: ByteWriter): Uint8Array {
  if (writer.length <= HEAP_ARRAY_BYTES) return writer.slice()
  const copy = Buffer.allocUnsafe(writer.length)
  copy.set(writer.bytes.subarray(0, writer.length))
  return copy
}
