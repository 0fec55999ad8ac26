// Bytes → host value (format: value-format.ts). The bytes may be damaged or hostile, and may lie in shared memory.
//
// Lua's tables become what they look like: keys exactly 1…n an array, only text keys (or none) an ordinary object,
// anything else a Map. Which one is settled by the keys, not by the way the bytes divide items and pairs.

import { MAX_DEPTH } from '../limits.js'
import { readAsciiKey, readShortAscii } from './short-text.js'
import { readUtf8 } from './utf8.js'
import * as format from './value-format.js'
import { type Cursor, DamagedValueError, type LuaKey, type LuaValue } from './value-format.js'

// V8 folds the constants of a module into its code, but loads imported ones at each use.
const { TAG_FALSE, TAG_FLOAT, TAG_INT32, TAG_INT64, TAG_NIL, TAG_SHORT_STRING, TAG_STRING } = format
const { TAG_TABLE, TAG_TABLE_SMALL, TAG_TRUE } = format

type Table = { [key: string]: LuaValue }

const TWO_32 = 2 ** 32
const TWO_63 = 2 ** 63

/** Eight bytes seen as either kind of number. */
const cell = new DataView(new ArrayBuffer(8))
const cellBytes = new Uint8Array(cell.buffer)

function setOwn(table: Table, key: string, value: LuaValue): void {
  if (key === '__proto__') {
    Object.defineProperty(table, key, { value, configurable: true, enumerable: true, writable: true })
  } else {
    table[key] = value
  }
}

/** What a table with any mixture of keys is, once all of them are known. */
function settle(map: Map<LuaKey, LuaValue>): LuaValue {
  let hasTextOnly = true
  for (const key of map.keys()) {
    if (typeof key === 'string') continue
    hasTextOnly = false
    break
  }
  if (hasTextOnly) {
    const table: Table = {}
    for (const [key, value] of map) setOwn(table, key as string, value)
    return table
  }
  const list: LuaValue[] = []
  for (let i = 1; i <= map.size; i++) {
    const item = map.get(i)
    if (item === undefined) return map
    list.push(item)
  }
  return list
}

class Decoder {
  // Declared, not defined: a field that is undefined first is slower ever after.
  declare offset: number
  declare private readonly bytes: Uint8Array
  /** How many more elements all tables together may claim: each takes a byte at least. */
  declare private elementsLeft: number

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes
    this.offset = offset
    this.elementsLeft = bytes.length - offset
  }

  private damaged(what: string): DamagedValueError {
    return new DamagedValueError(what, this.offset)
  }

  /** Moves on by that many bytes, which must be there; gives where they begin. */
  private take(sizeBytes: number): number {
    const at = this.offset
    if (sizeBytes > this.bytes.length - at) throw this.damaged(`${sizeBytes} bytes wanted, fewer left`)
    this.offset = at + sizeBytes
    return at
  }

  private u8(): number {
    return this.bytes[this.take(1)] as number
  }

  private i32(): number {
    const at = this.take(4)
    const bytes = this.bytes
    return (
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    )
  }

  private f64(): number {
    const at = this.take(8)
    for (let i = 0; i < 8; i++) cellBytes[i] = this.bytes[at + i] as number
    return cell.getFloat64(0, true)
  }

  private i64(): number | bigint {
    const low = this.i32() >>> 0
    const high = this.i32()
    const number = high * TWO_32 + low
    return Number.isSafeInteger(number) ? number : (BigInt(high) << 32n) | BigInt(low)
  }

  private string(sizeBytes: number): string | Uint8Array {
    const at = this.take(sizeBytes)
    const short = readShortAscii(this.bytes, at, sizeBytes)
    if (short !== undefined) return short
    return readUtf8(this.bytes, at, this.offset) ?? new Uint8Array(this.bytes.subarray(at, this.offset))
  }

  value(depth: number): LuaValue {
    const tag = this.u8()
    if (tag >= TAG_SHORT_STRING) return this.string(tag - TAG_SHORT_STRING)
    switch (tag) {
      case TAG_NIL:
        return undefined
      case TAG_FALSE:
        return false
      case TAG_TRUE:
        return true
      case TAG_INT32:
        return this.i32()
      case TAG_INT64:
        return this.i64()
      case TAG_FLOAT:
        return this.f64()
      case TAG_STRING:
        return this.string(this.i32() >>> 0)
      case TAG_TABLE_SMALL:
        return this.table(this.u8(), this.u8(), depth + 1)
      case TAG_TABLE:
        return this.table(this.i32() >>> 0, this.i32() >>> 0, depth + 1)
      default:
        throw this.damaged(`tag ${tag} is unknown`)
    }
  }

  private table(items: number, pairs: number, depth: number): LuaValue {
    if (depth > MAX_DEPTH) throw this.damaged(`tables nested deeper than ${MAX_DEPTH}`)
    this.elementsLeft -= items + 2 * pairs
    if (this.elementsLeft < 0 || items + 2 * pairs > this.bytes.length - this.offset) {
      throw this.damaged(`${items} items and ${pairs} pairs do not fit what is left`)
    }
    if (pairs === 0) return this.list(items, depth)
    if (items === 0) return this.record(pairs, depth)
    const map = new Map<LuaKey, LuaValue>()
    for (let i = 1; i <= items; i++) {
      const item = this.value(depth)
      if (item !== undefined) map.set(i, item)
    }
    return this.mixed(map, pairs, depth)
  }

  private list(items: number, depth: number): LuaValue {
    const list: LuaValue[] = []
    let hasHole = false
    for (let i = 0; i < items; i++) {
      const item = this.value(depth)
      list.push(item)
      if (item === undefined) hasHole = true
    }
    if (!hasHole) return items === 0 ? {} : list
    const map = new Map<LuaKey, LuaValue>()
    for (const [i, item] of list.entries()) if (item !== undefined) map.set(i + 1, item)
    return settle(map)
  }

  private record(pairs: number, depth: number): LuaValue {
    const table: Table = {}
    for (let i = 0; i < pairs; i++) {
      const key = this.key()
      const value = this.value(depth)
      if (typeof key !== 'string' || value === undefined) {
        const map = new Map<LuaKey, LuaValue>(Object.entries(table))
        this.put(map, key, value)
        return this.mixed(map, pairs - i - 1, depth)
      }
      setOwn(table, key, value)
    }
    return table
  }

  private mixed(map: Map<LuaKey, LuaValue>, pairs: number, depth: number): LuaValue {
    for (let i = 0; i < pairs; i++) {
      const key = this.key()
      this.put(map, key, this.value(depth))
    }
    return settle(map)
  }

  private put(map: Map<LuaKey, LuaValue>, key: LuaKey, value: LuaValue): void {
    if (value === undefined) map.delete(key)
    else map.set(key, value)
  }

  /** A short key of ASCII; for any other nothing is read. */
  private name(): string | undefined {
    const at = this.offset + 1
    const sizeBytes = (this.bytes[this.offset] as number) - TAG_SHORT_STRING
    if (!(sizeBytes >= 0 && at + sizeBytes <= this.bytes.length)) return undefined
    const name = readAsciiKey(this.bytes, at, sizeBytes)
    if (name !== undefined) this.offset = at + sizeBytes
    return name
  }

  private key(): LuaKey {
    const at = this.offset
    const name = this.name()
    if (name !== undefined) return name
    const key = this.value(MAX_DEPTH)
    if (typeof key === 'string' || typeof key === 'boolean' || typeof key === 'bigint') return key
    if (typeof key === 'number' && !Number.isNaN(key)) return normalizeKey(key)
    if (key instanceof Uint8Array) return key
    throw new DamagedValueError('a table key of a kind that cannot be one', at)
  }
}

/** A float key with an integer's value is that integer in Lua. */
function normalizeKey(key: number): number | bigint {
  if (!Number.isInteger(key) || Number.isSafeInteger(key)) return key + 0
  return key >= -TWO_63 && key < TWO_63 ? BigInt(key) : key
}

/**
 * Reads one value and moves the cursor behind it. Nothing that it gives shares memory with `bytes`.
 * @throws DamagedValueError where the bytes are none of this format; the cursor is as before
 */
export function decodeValue(bytes: Uint8Array, at: Cursor): LuaValue {
  const decoder = new Decoder(bytes, at.offset)
  const value = decoder.value(0)
  at.offset = decoder.offset
  return value
}
