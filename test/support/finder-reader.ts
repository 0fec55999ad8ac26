// Reads the view by the native finder alone, as the native code of a VM does.

import { HashedKey } from '../../src/shared/key-hash.js'
import type { ViewMemory } from '../../src/shared/view-layout.js'
import { createViewFinder, type ViewFinder } from '../../workers/view-finder.js'

export const FINDER_KEY_BYTES = 40
export const FINDER_VALUE_BYTES = 128
/** Only JavaScript can tell. */
export const ELSEWHERE = 'elsewhere'
export const MISSING = 'missing'

interface Finder extends ViewFinder {
  find(hash: number, incarnation: number, keyBytes: number, ...key: bigint[]): number
}

export class FinderReader {
  readonly finder: Finder
  readonly #globals: readonly { readonly value: bigint }[]
  readonly #key: HashedKey
  readonly #value = new BigUint64Array(FINDER_VALUE_BYTES / 8)
  readonly #parts = new BigUint64Array(FINDER_KEY_BYTES / 8)
  readonly #keyBytes = new Uint8Array(this.#parts.buffer)

  constructor(memory: ViewMemory) {
    const finder = createViewFinder(memory, 0)
    if (finder === undefined) throw new Error('the view is too large for wasm')
    this.finder = finder as Finder
    const globals = finder as unknown as Record<string, { readonly value: bigint }>
    this.#globals = Array.from(this.#value, (_, n) => globals[`v${n}`] as { readonly value: bigint })
    this.#key = new HashedKey(memory.secret, memory.maxKeyBytes)
    finder.noteOwnWrites(false)
    finder.beginRun(Number.POSITIVE_INFINITY)
  }

  /** The value as a copy. Keys up to FINDER_KEY_BYTES. */
  find(incarnation: number, key: Uint8Array): Uint8Array | typeof MISSING | typeof ELSEWHERE {
    this.#key.setBytes(incarnation, key)
    this.#keyBytes.fill(0)
    this.#keyBytes.set(key)
    const length = this.finder.find(this.#key.hash, incarnation | 0, key.length, ...this.#parts)
    if (length <= 0) return length === 0 ? MISSING : ELSEWHERE
    const words = Math.ceil(length / 8)
    for (let n = 0; n < words; n++) this.#value[n] = BigInt.asUintN(64, this.#globals[n]?.value ?? 0n)
    return new Uint8Array(this.#value.buffer).slice(0, length)
  }
  /** The last 64 bits of a value of so many bytes that was found, with what lies behind its end. */
  lastPart(valueBytes: number): Uint8Array {
    const part = (valueBytes - 1) >> 3
    return new Uint8Array(this.#value.buffer).slice(part * 8, part * 8 + 8)
  }
}
