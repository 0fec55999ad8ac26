// Reads the view by the native finder alone, as the native code of a VM does.

import { HashedKey } from '../../src/shared/key-hash.js'
import type { ViewMemory } from '../../src/shared/view-layout.js'
import { createViewFinder, type ViewFinder } from '../../workers/view-finder.js'
import type { Lua } from '../../workers/vm/lua.js'
import { createNativeCode, type NativeCode } from '../../workers/vm/native.js'

export const FINDER_KEY_BYTES = 40
export const FINDER_VALUE_BYTES: number = 256 * 1024
/** Up to here a value comes in globals, a longer one part by part. */
export const SHORT_VALUE_BYTES = 128
const PAGES = 5
const UNTOUCHED = 0xee
/** Only JavaScript can tell. */
export const ELSEWHERE = 'elsewhere'
export const MISSING = 'missing'

interface Finder extends ViewFinder {
  find(hash: number, incarnation: number, keyBytes: number, ...key: bigint[]): number
}

const notCalled = (): number => {
  throw new Error('nothing of Lua is needed to take a value')
}

export class FinderReader {
  readonly finder: Finder
  readonly #native: NativeCode
  /** The native code's. */
  readonly #memory: Uint8Array
  readonly #globals: readonly { readonly value: bigint }[]
  readonly #key: HashedKey
  readonly #value = new BigUint64Array(SHORT_VALUE_BYTES / 8)
  readonly #parts = new BigUint64Array(FINDER_KEY_BYTES / 8)
  readonly #keyBytes = new Uint8Array(this.#parts.buffer)

  constructor(memory: ViewMemory) {
    const finder = createViewFinder(memory, 0)
    if (finder === undefined) throw new Error('the view is too large for wasm')
    this.finder = finder as Finder
    const vmMemory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true })
    const names = ['checkstack', 'createtable', 'newuserdatauv', 'pushlstring', 'rawset', 'rawseti']
    const lua = Object.fromEntries(names.map((name) => [`lua_${name}`, notCalled])) as unknown as Lua
    const host = {
      cacheGet: notCalled,
      cachePut: notCalled,
      cachePutTtl: notCalled,
      cachePutShort: notCalled,
      cacheFind: notCalled,
      viewFinder: finder,
    }
    this.#native = createNativeCode(vmMemory, lua, host)
    this.#memory = new Uint8Array(vmMemory.buffer)
    const globals = finder as unknown as Record<string, { readonly value: bigint }>
    this.#globals = Array.from(this.#value, (_, n) => globals[`v${n}`] as { readonly value: bigint })
    this.#key = new HashedKey(memory.secret, memory.maxKeyBytes)
    finder.noteOwnWrites(false)
    finder.beginRun(Number.POSITIVE_INFINITY)
  }

  /** The value as a copy. Keys up to FINDER_KEY_BYTES. `meanwhile` is called before a long value is taken. */
  find(
    incarnation: number,
    key: Uint8Array,
    meanwhile: () => void = () => {},
  ): Uint8Array | typeof MISSING | typeof ELSEWHERE {
    this.#key.setBytes(incarnation, key)
    this.#keyBytes.fill(0)
    this.#keyBytes.set(key)
    const length = this.finder.find(this.#key.hash, incarnation | 0, key.length, ...this.#parts)
    if (length <= 0) return length === 0 ? MISSING : ELSEWHERE
    if (length > SHORT_VALUE_BYTES) {
      meanwhile()
      return this.#takeLong(length)
    }
    const words = Math.ceil(length / 8)
    for (let n = 0; n < words; n++) this.#value[n] = BigInt.asUintN(64, this.#globals[n]?.value ?? 0n)
    return new Uint8Array(this.#value.buffer).slice(0, length)
  }

  /** Nothing behind the value is touched, and nothing stays of one that has changed. */
  #takeLong(length: number): Uint8Array | typeof ELSEWHERE {
    this.#memory[length] = UNTOUCHED
    const isWhole = this.#native.takeLong(0, 0, length) !== 0
    if (this.#memory[length] !== UNTOUCHED) throw new Error(`written behind a value of ${length} bytes`)
    if (isWhole) return this.#memory.slice(0, length)
    if (this.#memory.subarray(0, length).some((byte) => byte !== 0)) throw new Error('bytes of a torn copy')
    return ELSEWHERE
  }

  /** The last 64 bits of a short value of so many bytes that was found, with what lies behind its end. */
  lastPart(valueBytes: number): Uint8Array {
    const part = (valueBytes - 1) >> 3
    return new Uint8Array(this.#value.buffer).slice(part * 8, part * 8 + 8)
  }
}
