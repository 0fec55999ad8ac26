// Host value → bytes (format: value-format.ts).
//
// Every refusal names the path and the conversion to use, and leaves the writer as it was. Getters and proxies of the
// caller run in the middle of the walk: they may throw, change what is being read, or call back into this package, so
// nothing is counted before it is written and a writer in use is not given out twice.

import { types } from 'node:util'
import { createError, type ErrorDetails, type MoonpoolError } from '../errors.js'
import { MAX_DEPTH } from '../limits.js'
import type { ByteWriter } from './byte-writer.js'
import { describeRefused, renderPath } from './refused-values.js'
import { isWellFormed, utf8Bytes, writeUtf8 } from './utf8.js'
import {
  MAX_SHORT_STRING_BYTES,
  MAX_SMALL_COUNT,
  TAG_FALSE,
  TAG_FLOAT,
  TAG_INT32,
  TAG_INT64,
  TAG_NIL,
  TAG_SHORT_STRING,
  TAG_STRING,
  TAG_TABLE,
  TAG_TABLE_SMALL,
  TAG_TRUE,
} from './value-format.js'

/** Up to here a loop over the characters beats the call into native code. */
const LOOP_CHARACTERS = 40
const TWO_32 = 2 ** 32

/** Refused for its size; callers that store values report it as Lua does. */
export const TOO_LARGE = 'too large'

function isPlainPrototype(prototype: object): boolean {
  if (prototype === Object.prototype) return true
  // The Object.prototype of another realm (a vm context, as test runners use them) is as plain as ours.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** Keys that Lua takes for one (1 and 1n) become one, the last value wins. */
function mergeKeys(map: ReadonlyMap<unknown, unknown>): ReadonlyMap<unknown, unknown> {
  const merged = new Map<unknown, unknown>()
  for (const [key, value] of map) {
    const number = typeof key === 'bigint' ? Number(key) : Number.NaN
    merged.set(
      typeof key === 'bigint' && BigInt.asIntN(64, key) === key && BigInt(number) === key ? number : key,
      value,
    )
  }
  return merged
}

class Encoder {
  /** The refusal that ended the walk, to be told from whatever user code throws. */
  failure: MoonpoolError | undefined
  private readonly out: ByteWriter
  private readonly root: string
  private readonly start: number
  private readonly maxBytes: number
  /** The tables around the value in work and the keys that lead to it; both as long as the depth. */
  private readonly tables: object[] = []
  private readonly keys: unknown[] = []

  constructor(out: ByteWriter, maxBytes: number, root: string) {
    this.out = out
    this.root = root
    this.start = out.length
    this.maxBytes = maxBytes
  }

  refusal(text: string, details: ErrorDetails = {}): MoonpoolError {
    const message = `${renderPath(this.root, this.keys)} ${text}`
    this.failure = createError('MOONPOOL_INVALID_VALUE', message, details)
    return this.failure
  }

  /** Makes room for that many bytes within the limit. */
  private claim(sizeBytes: number): void {
    if (this.out.length - this.start + sizeBytes > this.maxBytes) {
      this.keys.length = 0
      throw this.refusal(`takes more than ${this.maxBytes} bytes: give less, or raise that limit`, {
        reason: TOO_LARGE,
      })
    }
    this.out.reserve(sizeBytes)
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.string(value)
      case 'number':
        return this.number(value)
      case 'boolean':
        return this.tag(value ? TAG_TRUE : TAG_FALSE)
      case 'undefined':
        return this.tag(TAG_NIL)
      case 'bigint':
        return this.bigint(value)
      case 'object':
        return value === null ? this.tag(TAG_NIL) : this.object(value)
      default:
        throw this.refusal(`is ${describeRefused(value)}`)
    }
  }

  private tag(tag: number): void {
    this.claim(1)
    this.out.bytes[this.out.length++] = tag
  }

  private number(value: number): void {
    const small = value | 0
    if (small === value && (small !== 0 || 1 / value > 0)) {
      this.claim(5)
      const out = this.out
      out.bytes[out.length] = TAG_INT32
      out.view.setInt32(out.length + 1, small, true)
      out.length += 5
      return
    }
    this.claim(9)
    const { bytes, view, length } = this.out
    this.out.length = length + 9
    if (Number.isSafeInteger(value) && value !== 0) {
      bytes[length] = TAG_INT64
      view.setUint32(length + 1, value >>> 0, true)
      view.setInt32(length + 5, Math.floor(value / TWO_32), true)
      return
    }
    bytes[length] = TAG_FLOAT
    view.setFloat64(length + 1, value, true)
  }

  private bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw this.refusal(`is ${describeRefused(value)}`)
    const number = Number(value)
    if (Number.isSafeInteger(number)) return this.number(number)
    this.claim(9)
    this.out.u8(TAG_INT64)
    this.out.i64(value)
  }

  private string(text: string): void {
    if (text.length > LOOP_CHARACTERS) return this.longString(text)
    this.claim(1 + text.length)
    const { bytes, length } = this.out
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return this.longString(text)
      bytes[length + 1 + i] = code
    }
    bytes[length] = TAG_SHORT_STRING + text.length
    this.out.length = length + 1 + text.length
  }

  private longString(text: string): void {
    this.claim(text.length)
    if (!isWellFormed(text)) throw this.refusal(`is ${describeRefused(text)}`)
    const sizeBytes = utf8Bytes(text)
    this.stringHeader(sizeBytes)
    writeUtf8(text, this.out.bytes, this.out.length, sizeBytes)
    this.out.length += sizeBytes
  }

  private bytes(value: Uint8Array): void {
    this.stringHeader(value.length)
    this.out.raw(value)
  }

  /** Writes tag and length of a string and makes room for its bytes. */
  private stringHeader(sizeBytes: number): void {
    const isShort = sizeBytes <= MAX_SHORT_STRING_BYTES
    this.claim((isShort ? 1 : 5) + sizeBytes)
    if (isShort) return this.out.u8(TAG_SHORT_STRING + sizeBytes)
    this.out.u8(TAG_STRING)
    this.out.u32(sizeBytes)
  }

  private object(value: object): void {
    const prototype: object | null = Object.getPrototypeOf(value)
    if (prototype === Object.prototype) return this.properties(value as Record<string, unknown>)
    if (Array.isArray(value)) return this.array(value)
    if (types.isUint8Array(value)) return this.bytes(value)
    if (prototype === null || isPlainPrototype(prototype)) {
      return this.properties(value as Record<string, unknown>)
    }
    if (types.isMap(value)) return this.map(value)
    throw this.refusal(`is ${describeRefused(value)}`)
  }

  private enter(table: object): void {
    for (let i = 0; i < this.tables.length; i++) {
      if (this.tables[i] === table) {
        throw this.refusal('contains itself (a cycle): leave the reference out, or give an id instead')
      }
    }
    if (this.tables.length >= MAX_DEPTH) {
      throw this.refusal(`is nested deeper than ${MAX_DEPTH} tables: flatten it`)
    }
    this.tables.push(table)
    this.keys.push(undefined)
  }

  private leave(): void {
    this.tables.pop()
    this.keys.pop()
  }

  /** Writes a table's head; the number of its pairs is patched in by `closePairs`. */
  private tableHeader(items: number, pairs: number): number {
    const isSmall = items <= MAX_SMALL_COUNT && pairs <= MAX_SMALL_COUNT
    this.claim((isSmall ? 3 : 9) + items)
    const out = this.out
    const at = out.length
    out.u8(isSmall ? TAG_TABLE_SMALL : TAG_TABLE)
    if (isSmall) {
      out.u8(items)
      out.u8(0)
    } else {
      out.u32(items)
      out.u32(0)
    }
    return at
  }

  private closePairs(at: number, pairs: number): void {
    if (this.out.bytes[at] === TAG_TABLE) return this.out.patchU32(at + 5, pairs)
    if (pairs > MAX_SMALL_COUNT) throw this.refusal('grew while it was read: give a copy')
    this.out.patchU8(at + 2, pairs)
  }

  private array(array: readonly unknown[]): void {
    this.enter(array)
    this.claim(array.length)
    let items = array.length
    while (items > 0 && (array[items - 1] === undefined || array[items - 1] === null)) items--
    this.tableHeader(items, 0)
    const level = this.keys.length - 1
    for (let i = 0; i < items; i++) {
      this.keys[level] = i
      this.value(array[i])
    }
    this.leave()
  }

  private properties(table: Record<string, unknown>): void {
    this.enter(table)
    const names = Object.keys(table)
    const at = this.tableHeader(0, names.length)
    const level = this.keys.length - 1
    let pairs = 0
    for (const name of names) {
      this.keys[level] = name
      const value = table[name]
      if (value === undefined || value === null) continue
      this.string(name)
      this.value(value)
      pairs++
    }
    this.closePairs(at, pairs)
    this.leave()
  }

  private map(map: ReadonlyMap<unknown, unknown>): void {
    this.enter(map)
    const merged = mergeKeys(map)
    const at = this.tableHeader(0, merged.size)
    const level = this.keys.length - 1
    let pairs = 0
    for (const [key, value] of merged) {
      this.keys[level] = key
      if (value === undefined || value === null) continue
      this.mapKey(key)
      this.value(value)
      pairs++
    }
    this.closePairs(at, pairs)
    this.leave()
  }

  private mapKey(key: unknown): void {
    if (typeof key === 'string') return this.string(key)
    if (typeof key === 'boolean') return this.tag(key ? TAG_TRUE : TAG_FALSE)
    if (typeof key === 'bigint') return this.bigint(key)
    if (typeof key === 'number' && !Number.isNaN(key)) return this.number(key)
    this.keys.pop()
    const kind = typeof key === 'number' ? 'NaN' : `of type ${key === null ? 'null' : typeof key}`
    throw this.refusal(`has a key ${kind}: use strings, numbers, bigints or booleans as keys`)
  }
}

/**
 * Appends `value` to `out`.
 * @param maxBytes most bytes that the value may take in `out`
 * @param what the root of the path in messages, such as `args`
 * @throws MOONPOOL_INVALID_VALUE with path and remedy (`reason` is `too large` where the size was the cause); `out` is as before
 */
export function encodeValue(value: unknown, out: ByteWriter, maxBytes: number, what: string): void {
  if (out.inUse) {
    out.spoiled = true
    throw createError(
      'MOONPOOL_INVALID_VALUE',
      `${what}: a getter or proxy called back while its value was read`,
    )
  }
  const start = out.length
  const encoder = new Encoder(out, maxBytes, what)
  out.inUse = true
  try {
    encoder.value(value)
    if (out.spoiled) throw encoder.refusal('holds a getter or proxy that called back: give a copy')
  } catch (error) {
    out.length = start
    if (error === encoder.failure) throw error
    throw encoder.refusal('cannot be read: a getter or proxy threw', { cause: error })
  } finally {
    out.inUse = false
    out.spoiled = false
  }
}
