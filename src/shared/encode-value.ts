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
import { MAX_SMALL_COUNT, TAG_NIL, TAG_SHORT_STRING } from './value-format.js'
import {
  closeTable,
  openTable,
  stringHeaderBytes,
  writeBigInteger,
  writeBoolean,
  writeFloat,
  writeInteger,
  writeStringHeader,
  writeTag,
} from './value-parts.js'

/** Up to here a loop over the characters beats the call into native code. */
const LOOP_CHARACTERS = 40

/** The `reason` of a refusal for size; callers that store values report it as Lua does. */
export const TOO_LARGE = 'too large'

type Properties = { readonly [name: string]: unknown }

function isPlainPrototype(prototype: object | null): boolean {
  if (prototype === null || prototype === Object.prototype) return true
  // The Object.prototype of another realm (a vm context, as test runners use them) is as plain as ours.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** Keys that Lua takes for one (1 and 1n) become one: the last value wins. */
function mergeKeys(map: ReadonlyMap<unknown, unknown>): ReadonlyMap<unknown, unknown> {
  const merged = new Map<unknown, unknown>()
  for (const [key, value] of map) merged.set(typeof key === 'bigint' ? numberFor(key) : key, value)
  return merged
}

function numberFor(key: bigint): number | bigint {
  const number = Number(key)
  return BigInt.asIntN(64, key) === key && BigInt(number) === key ? number : key
}

function writeNumber(value: number, out: ByteWriter): void {
  if (Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)) writeInteger(out, value)
  else writeFloat(out, value)
}

/** False when it is long or not ASCII: then nothing is written. */
function writeShortString(text: string, out: ByteWriter): boolean {
  const characters = text.length
  if (characters > LOOP_CHARACTERS) return false
  out.reserve(1 + characters)
  const { bytes, length } = out
  for (let i = 0; i < characters; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return false
    bytes[length + 1 + i] = code
  }
  bytes[length] = TAG_SHORT_STRING + characters
  out.length = length + 1 + characters
  return true
}

/** Writes what cannot be refused but for its size, and what no code of the caller runs for; false for all else. */
function writeShort(value: unknown, out: ByteWriter): boolean {
  switch (typeof value) {
    case 'string':
      return writeShortString(value, out)
    case 'number':
      writeNumber(value, out)
      return true
    case 'boolean':
      writeBoolean(out, value)
      return true
    default:
      if ((value ?? null) !== null) return false
      writeTag(out, TAG_NIL)
      return true
  }
}

class Encoder {
  /** The refusal that ended the walk, to be told from whatever user code throws. */
  failure: MoonpoolError | undefined
  declare private readonly out: ByteWriter
  declare private readonly root: string
  declare private readonly maxBytes: number
  /** `out` may not grow beyond this. */
  declare private readonly end: number
  /** The tables around the value in work and the keys that lead to it; both as long as the depth. */
  private readonly tables: object[] = []
  private readonly keys: unknown[] = []

  constructor(out: ByteWriter, maxBytes: number, root: string) {
    this.out = out
    this.root = root
    this.maxBytes = maxBytes
    this.end = out.length + maxBytes
  }

  refusal(text: string, details: ErrorDetails = {}): MoonpoolError {
    const known = this.keys.filter((key) => key !== undefined)
    const message = `${renderPath(this.root, known)} ${text}`
    this.failure = createError('MOONPOOL_INVALID_VALUE', message, details)
    return this.failure
  }

  /** Refuses what is written, or would be with `moreBytes`, beyond the limit. */
  checkSize(moreBytes: number): void {
    if (this.out.length + moreBytes <= this.end) return
    this.keys.length = 0
    const text = `takes more than ${this.maxBytes} bytes: give less, or raise that limit`
    throw this.refusal(text, { reason: TOO_LARGE })
  }

  value(value: unknown): void {
    if (writeShort(value, this.out)) return
    if (typeof value === 'string') this.longString(value)
    else if (typeof value === 'bigint') this.bigint(value)
    else if (typeof value === 'object' && value !== null) this.object(value)
    else throw this.refusal(`is ${describeRefused(value)}`)
  }

  private bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw this.refusal(`is ${describeRefused(value)}`)
    writeBigInteger(this.out, value)
  }

  private string(text: string): void {
    if (!writeShortString(text, this.out)) this.longString(text)
  }

  private longString(text: string): void {
    this.checkSize(text.length)
    if (!isWellFormed(text)) throw this.refusal(`is ${describeRefused(text)}`)
    const sizeBytes = utf8Bytes(text)
    this.checkSize(stringHeaderBytes(sizeBytes) + sizeBytes)
    const out = this.out
    writeStringHeader(out, sizeBytes)
    writeUtf8(text, out.bytes, out.length, sizeBytes)
    out.length += sizeBytes
  }

  private bytes(value: Uint8Array): void {
    this.checkSize(stringHeaderBytes(value.length) + value.length)
    writeStringHeader(this.out, value.length)
    this.out.raw(value)
  }

  private object(value: object): void {
    const prototype: object | null = Object.getPrototypeOf(value)
    if (prototype === Object.prototype) this.properties(value as Properties)
    else if (Array.isArray(value)) this.array(value)
    else if (types.isUint8Array(value)) this.bytes(value)
    else if (types.isMap(value)) this.map(value)
    else if (isPlainPrototype(prototype)) this.properties(value as Properties)
    else throw this.refusal(`is ${describeRefused(value)}`)
  }

  /** Gives the level of the keys of this table. */
  private enter(table: object): number {
    const depth = this.tables.length
    for (let i = 0; i < depth; i++) {
      if (this.tables[i] !== table) continue
      throw this.refusal('contains itself (a cycle): leave the reference out, or give an id instead')
    }
    if (depth >= MAX_DEPTH) throw this.refusal(`is nested deeper than ${MAX_DEPTH} tables: flatten it`)
    this.checkSize(0)
    this.tables.push(table)
    this.keys.push(undefined) // no key of it is known yet
    return depth
  }

  private leave(): void {
    this.tables.pop()
    this.keys.pop()
  }

  private array(array: readonly unknown[]): void {
    const level = this.enter(array)
    this.checkSize(array.length)
    let items = array.length
    while (items > 0 && (array[items - 1] ?? null) === null) items--
    const at = openTable(this.out, items > MAX_SMALL_COUNT)
    for (let i = 0; i < items; i++) {
      this.keys[level] = i
      this.value(array[i])
      this.checkSize(0)
    }
    closeTable(this.out, at, items, 0)
    this.leave()
  }

  private properties(table: Properties): void {
    const level = this.enter(table)
    const names = Object.keys(table)
    const at = openTable(this.out, names.length > MAX_SMALL_COUNT)
    let pairs = 0
    for (const name of names) {
      this.keys[level] = name
      const value = table[name] ?? null
      if (value === null) continue
      this.string(name)
      this.value(value)
      this.checkSize(0)
      pairs++
    }
    closeTable(this.out, at, 0, pairs)
    this.leave()
  }

  private map(map: ReadonlyMap<unknown, unknown>): void {
    const level = this.enter(map)
    const merged = mergeKeys(map)
    const at = openTable(this.out, merged.size > MAX_SMALL_COUNT)
    let pairs = 0
    for (const [key, value] of merged) {
      this.keys[level] = key
      if ((value ?? null) === null) continue
      this.mapKey(key)
      this.value(value)
      this.checkSize(0)
      pairs++
    }
    closeTable(this.out, at, 0, pairs)
    this.leave()
  }

  private mapKey(key: unknown): void {
    if (typeof key === 'string') this.string(key)
    else if (typeof key === 'boolean') writeBoolean(this.out, key)
    else if (typeof key === 'bigint') this.bigint(key)
    else if (typeof key === 'number' && !Number.isNaN(key)) writeNumber(key, this.out)
    else {
      this.keys.pop()
      const kind = typeof key === 'number' ? 'NaN' : `of type ${key === null ? 'null' : typeof key}`
      throw this.refusal(`has a key ${kind}: use strings, numbers, bigints or booleans as keys`)
    }
  }
}

/**
 * Appends `value` to `out`.
 * @param maxBytes the most that the value may take in `out`
 * @param what the root of the path in messages, such as `args`
 * @throws MOONPOOL_INVALID_VALUE with path and remedy, `reason` being `too large` where size was the cause;
 *   `out.length` is as before then
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
  // Most values are of this kind, and an encoder costs more than they do.
  if (writeShort(value, out) && out.length - start <= maxBytes) return
  out.length = start
  const encoder = new Encoder(out, maxBytes, what)
  out.inUse = true
  try {
    encoder.value(value)
    encoder.checkSize(0)
    if (out.spoiled) throw encoder.refusal('holds a getter or proxy that called back: give a copy')
  } catch (error) {
    out.length = start
    if (error !== undefined && error === encoder.failure) throw error
    throw encoder.refusal('cannot be read: a getter or proxy threw', { cause: error })
  } finally {
    out.inUse = false
    out.spoiled = false
  }
}
