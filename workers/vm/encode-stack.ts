// Lua value on a stack → bytes (format: src/shared/value-format.ts).
//
// Tables are walked by lua_next alone and values are read where they lie, so no metamethod runs and nothing allocates:
// what is walked cannot change. lua_next gives an array part in order; as long as the keys count up from 1 they are
// items, everything after the first other key is a pair. The stack holds the path: key and value of each level.

import { MAX_DEPTH } from '../../src/limits.js'
import type { ByteWriter } from '../../src/shared/byte-writer.js'
import {
  MAX_SMALL_COUNT,
  TAG_FALSE,
  TAG_FLOAT,
  TAG_INT32,
  TAG_INT64,
  TAG_NIL,
  TAG_TABLE,
  TAG_TRUE,
} from '../../src/shared/value-format.js'
import { openTable, stringHeaderBytes, writeStringHeader, writeTag } from '../../src/shared/value-parts.js'
import type { LuaState, Pointer } from './lua.js'
import {
  ARRAY_SIZE_OFFSET,
  LOG2_HASH_OFFSET,
  LONG_LENGTH_OFFSET,
  LUA_FALSE,
  LUA_FLOAT,
  LUA_INTEGER,
  LUA_LONG_STRING,
  LUA_NIL,
  LUA_SHORT_STRING,
  LUA_TABLE,
  LUA_TRUE,
  SHORT_LENGTH_OFFSET,
  STRING_BYTES_OFFSET,
  TAG_OFFSET,
  TOP_OFFSET,
  TVALUE_BYTES,
  typeNameOf,
} from './stack-layout.js'
import { joinPath, stringKeyPart } from './stack-path.js'
import type { Vm } from './vm.js'

/** Up to here a loop beats a native copy. */
const LOOP_BYTES = 32
/** A level needs room for a key, a value and what lua_next puts above them. */
const SLOTS_PER_LEVEL = 4
const SMALL_HEADER_BYTES = 3
const LARGE_HEADER_BYTES = 9
const LOG2_SMALL_HASH = 7

class StackEncoder {
  /** Why it failed, and where: the parts of the path from the inside outwards. */
  failure = ''
  readonly path: string[] = []
  private readonly vm: Vm
  private readonly L: LuaState
  private readonly out: ByteWriter
  /** `out` may not grow beyond this. */
  private readonly end: number
  /** Addresses of the tables around the value in work. */
  private readonly tables: Pointer[] = []

  constructor(vm: Vm, L: LuaState, out: ByteWriter, maxBytes: number) {
    this.vm = vm
    this.L = L
    this.out = out
    this.end = out.length + maxBytes
  }

  private fail(why: string): false {
    this.failure = why
    return false
  }

  /** Address of the value on top of the stack. */
  private top(): Pointer {
    return (this.vm.words[(this.L + TOP_OFFSET) >>> 2] as number) - TVALUE_BYTES
  }

  /** Encodes the value at that stack address; a table must be on top of the stack. */
  value(slot: Pointer): boolean {
    const { vm, out } = this
    switch (vm.bytes[slot + TAG_OFFSET]) {
      case LUA_SHORT_STRING: {
        const string = vm.words[slot >>> 2] as number
        return this.string(string, vm.bytes[string + SHORT_LENGTH_OFFSET] as number)
      }
      case LUA_INTEGER:
        this.integer(slot)
        break
      case LUA_FLOAT:
        this.eightBytes(TAG_FLOAT, slot)
        break
      case LUA_TABLE:
        return this.table(slot)
      case LUA_TRUE:
        writeTag(out, TAG_TRUE)
        break
      case LUA_FALSE:
        writeTag(out, TAG_FALSE)
        break
      case LUA_LONG_STRING: {
        const string = vm.words[slot >>> 2] as number
        return this.string(string, vm.words[(string + LONG_LENGTH_OFFSET) >>> 2] as number)
      }
      case LUA_NIL:
        writeTag(out, TAG_NIL)
        break
      default:
        return this.fail(`unsupported type ${typeNameOf(vm.bytes[slot + TAG_OFFSET] as number)}`)
    }
    return out.length <= this.end || this.fail('too large')
  }

  private integer(slot: Pointer): void {
    const low = this.vm.words[slot >>> 2] as number
    const small = low | 0
    if (this.vm.words[(slot + 4) >>> 2] !== (small >> 31) >>> 0) {
      this.eightBytes(TAG_INT64, slot)
      return
    }
    const out = this.out
    out.reserve(5)
    out.bytes[out.length] = TAG_INT32
    out.view.setInt32(out.length + 1, small, true)
    out.length += 5
  }

  /** Copies a value's bits, so that a NaN stays the NaN that it is. */
  private eightBytes(tag: number, slot: Pointer): void {
    const out = this.out
    out.reserve(9)
    out.bytes[out.length] = tag
    out.view.setUint32(out.length + 1, this.vm.words[slot >>> 2] as number, true)
    out.view.setUint32(out.length + 5, this.vm.words[(slot + 4) >>> 2] as number, true)
    out.length += 9
  }

  private string(string: Pointer, sizeBytes: number): boolean {
    const out = this.out
    if (out.length + stringHeaderBytes(sizeBytes) + sizeBytes > this.end) return this.fail('too large')
    const from = string + STRING_BYTES_OFFSET
    const source = this.vm.bytes
    if (from + sizeBytes > source.length) throw new RangeError('a string in VM memory reaches beyond it')
    writeStringHeader(out, sizeBytes)
    const { bytes, length } = out
    if (sizeBytes <= LOOP_BYTES) {
      for (let i = 0; i < sizeBytes; i++) bytes[length + i] = source[from + i] as number
    } else {
      bytes.set(source.subarray(from, from + sizeBytes), length)
    }
    out.length = length + sizeBytes
    return true
  }

  private enter(table: Pointer): boolean {
    const { tables, vm } = this
    for (let i = 0; i < tables.length; i++) if (tables[i] === table) return this.fail('cycle')
    if (tables.length >= MAX_DEPTH) return this.fail('too deep')
    if (vm.lua.lua_checkstack(this.L, SLOTS_PER_LEVEL) === 0) return this.fail('too large')
    tables.push(table)
    return true
  }

  /** Opens a head that has room for what the table may hold, as far as it can be told without counting. */
  private open(table: Pointer): number {
    const isLarge =
      (this.vm.bytes[table + LOG2_HASH_OFFSET] as number) > LOG2_SMALL_HASH ||
      (this.vm.words[(table + ARRAY_SIZE_OFFSET) >>> 2] as number) > MAX_SMALL_COUNT
    return openTable(this.out, 0, isLarge ? MAX_SMALL_COUNT + 1 : 0)
  }

  private close(at: number, items: number, pairs: number): void {
    const out = this.out
    const isLarge = out.bytes[at] === TAG_TABLE
    if (!isLarge && items <= MAX_SMALL_COUNT && pairs <= MAX_SMALL_COUNT) {
      out.bytes[at + 1] = items
      out.bytes[at + 2] = pairs
      return
    }
    if (!isLarge) {
      const moreBytes = LARGE_HEADER_BYTES - SMALL_HEADER_BYTES
      out.reserve(moreBytes)
      out.bytes.copyWithin(at + LARGE_HEADER_BYTES, at + SMALL_HEADER_BYTES, out.length)
      out.length += moreBytes
      out.bytes[at] = TAG_TABLE
    }
    out.patchU32(at + 1, items)
    out.patchU32(at + 5, pairs)
  }

  private table(slot: Pointer): boolean {
    const { vm, L } = this
    const { lua } = vm
    const table = vm.words[slot >>> 2] as number
    if (!this.enter(table)) return false
    const at = this.open(table)
    let items = 0
    let pairs = 0
    lua.lua_pushnil(L)
    while (lua.lua_next(L, -2) !== 0) {
      const valueAt = this.top()
      const keyAt = valueAt - TVALUE_BYTES
      if (pairs === 0 && this.isInteger(keyAt, items + 1)) items++
      else if (this.key(keyAt)) pairs++
      else return false
      if (!this.value(valueAt)) {
        this.path.push(this.keyPart(keyAt))
        return false
      }
      lua.lua_settop(L, -2)
    }
    this.close(at, items, pairs)
    this.tables.pop()
    return this.out.length <= this.end || this.fail('too large')
  }

  private isInteger(slot: Pointer, n: number): boolean {
    const { bytes, words } = this.vm
    return (
      bytes[slot + TAG_OFFSET] === LUA_INTEGER && words[slot >>> 2] === n && words[(slot + 4) >>> 2] === 0
    )
  }

  private key(slot: Pointer): boolean {
    const tag = this.vm.bytes[slot + TAG_OFFSET] as number
    if (tag !== LUA_TABLE && this.value(slot)) return true
    if (tag === LUA_TABLE || this.failure.startsWith('unsupported')) {
      this.failure = `unsupported type ${typeNameOf(tag)} as a key`
    }
    return false
  }

  private keyPart(slot: Pointer): string {
    const { bytes, words, view } = this.vm
    const string = words[slot >>> 2] as number
    switch (bytes[slot + TAG_OFFSET]) {
      case LUA_SHORT_STRING:
        return stringKeyPart(
          bytes,
          string + STRING_BYTES_OFFSET,
          bytes[string + SHORT_LENGTH_OFFSET] as number,
        )
      case LUA_LONG_STRING:
        return stringKeyPart(
          bytes,
          string + STRING_BYTES_OFFSET,
          words[(string + LONG_LENGTH_OFFSET) >>> 2] as number,
        )
      case LUA_INTEGER:
        return `[${view.getBigInt64(slot, true)}]`
      case LUA_FLOAT:
        return `[${view.getFloat64(slot, true)}]`
      default:
        return `[${bytes[slot + TAG_OFFSET] === LUA_TRUE}]`
    }
  }
}

/**
 * Appends the value at a stack index to `out`. Raw: no metamethod runs, nothing is changed, nothing raises.
 * @param maxBytes the most that the value may take in `out`
 * @returns undefined, or why not: `unsupported type function at .a.b`, `cycle at .x`, `too deep`, `too large`;
 *   `out.length` is as before then. The stack is as before in any case.
 */
export function encodeStack(
  vm: Vm,
  L: LuaState,
  index: number,
  out: ByteWriter,
  maxBytes: number,
): string | undefined {
  const { lua } = vm
  if (lua.lua_checkstack(L, SLOTS_PER_LEVEL) === 0) return 'too large'
  const start = out.length
  const height = lua.lua_gettop(L)
  lua.lua_pushvalue(L, index)
  const encoder = new StackEncoder(vm, L, out, maxBytes)
  const isDone = encoder.value((vm.words[(L + TOP_OFFSET) >>> 2] as number) - TVALUE_BYTES)
  lua.lua_settop(L, height)
  if (isDone) return undefined
  out.length = start
  const { failure } = encoder
  if (failure.startsWith('too ') || encoder.path.length === 0) return failure
  return `${failure} at ${joinPath(encoder.path)}`
}
