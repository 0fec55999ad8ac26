// Bytes → Lua value on a stack (format: src/shared/value-format.ts). The bytes may be damaged or hostile.
//
// Lua takes strings from its own memory, so the bytes are brought there first, in one copy: into the scratch area, or
// into a userdata under the result when they are more. The collector owns that userdata, so a value that does not fit
// the memory leaks nothing. Tables get their size from counts that were checked against the bytes that are left.

import { MAX_DEPTH } from '../../src/limits.js'
import * as format from '../../src/shared/value-format.js'
import { type Cursor, DamagedValueError } from '../../src/shared/value-format.js'
import { endOfValues } from '../../src/shared/values.js'
import type { LuaState, Pointer } from './lua.js'
import * as layout from './stack-layout.js'
import { raise } from './text.js'
import type { Vm } from './vm.js'

// V8 folds the constants of a module into its code, but loads imported ones at each use.
const { TAG_NIL, TAG_FALSE, TAG_TRUE, TAG_INT32, TAG_INT64, TAG_FLOAT } = format
const { TAG_STRING, TAG_TABLE_SMALL, TAG_TABLE, TAG_SHORT_STRING } = format
const { LUA_INTEGER, LUA_FLOAT, TAG_OFFSET, TOP_OFFSET, SLOT_BYTES } = layout

/** A level holds its table, a key and a value. */
const SLOTS_PER_LEVEL = 4
/** Up to here a loop beats a native copy. */
const LOOP_BYTES = 32
/** Copying so little takes less time than finding out how much of it is needed. */
const UNCOUNTED_BYTES = 1024
const FIRST_INDEXES: readonly bigint[] = Array.from({ length: 257 }, (_, n) => BigInt(n))

/** Reads values in VM memory from `start` to `end`. Its methods take where to read and give where to go on. */
class StackPusher {
  // Declared, not defined: a field that is undefined first is slower ever after.
  declare private readonly start: Pointer
  declare private readonly end: Pointer
  declare private readonly vm: Vm
  declare private readonly L: LuaState
  /** Of the time it began. Memory that grows stays where it is, so the values to read never leave this view. */
  declare private readonly bytes: Buffer
  /** How many more elements all tables together may claim: each takes a byte at least. */
  declare private elementsLeft: number

  constructor(vm: Vm, L: LuaState, address: Pointer, sizeBytes: number) {
    this.vm = vm
    this.L = L
    this.bytes = vm.bytes
    this.start = address
    this.end = address + sizeBytes
    this.elementsLeft = sizeBytes
  }

  private damaged(what: string, at: Pointer): DamagedValueError {
    return new DamagedValueError(what, at - this.start)
  }

  private check(at: Pointer, sizeBytes: number): void {
    if (sizeBytes > this.end - at) throw this.damaged(`${sizeBytes} bytes wanted, fewer left`, at)
  }

  private u32(at: Pointer): number {
    const { bytes } = this
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
    return (low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0
  }

  /** Pushes the value at `at`. The stack has room for it. */
  push(at: Pointer, depth: number): Pointer {
    this.check(at, 1)
    const tag = this.bytes[at] as number
    const next = at + 1
    if (tag >= TAG_SHORT_STRING) return this.string(next, tag - TAG_SHORT_STRING)
    switch (tag) {
      case TAG_NIL:
        this.vm.lua.lua_pushnil(this.L)
        return next
      case TAG_FALSE:
      case TAG_TRUE:
        this.vm.lua.lua_pushboolean(this.L, tag - TAG_FALSE)
        return next
      case TAG_INT32: {
        this.check(next, 4)
        const small = this.u32(next) | 0
        this.number(small, small >> 31, LUA_INTEGER)
        return next + 4
      }
      case TAG_INT64:
      case TAG_FLOAT:
        this.check(next, 8)
        this.number(this.u32(next), this.u32(next + 4), tag === TAG_FLOAT ? LUA_FLOAT : LUA_INTEGER)
        return next + 8
      case TAG_STRING:
        this.check(next, 4)
        return this.string(next + 4, this.u32(next))
      case TAG_TABLE_SMALL:
        this.check(next, 2)
        return this.table(next + 2, this.bytes[next] as number, this.bytes[next + 1] as number, depth + 1)
      case TAG_TABLE:
        this.check(next, 8)
        return this.table(next + 8, this.u32(next), this.u32(next + 4), depth + 1)
      default:
        throw this.damaged(`tag ${tag} is unknown`, at)
    }
  }

  private string(at: Pointer, sizeBytes: number): Pointer {
    this.check(at, sizeBytes)
    this.vm.lua.lua_pushlstring(this.L, at, sizeBytes)
    return at + sizeBytes
  }

  /** Pushes some number and puts these bits in its place: no BigInt crosses the border, and a NaN keeps its bits. */
  private number(low: number, high: number, tag: number): void {
    const { vm, L } = this
    vm.lua.lua_pushnumber(L, 0)
    const { words } = vm
    const slot = (words[(L + TOP_OFFSET) >>> 2] as number) - SLOT_BYTES
    words[slot >>> 2] = low
    words[(slot + 4) >>> 2] = high
    vm.bytes[slot + TAG_OFFSET] = tag
  }

  private table(start: Pointer, items: number, pairs: number, depth: number): Pointer {
    const { vm, L, bytes, end } = this
    const { lua } = vm
    if (depth > MAX_DEPTH) throw this.damaged(`tables nested deeper than ${MAX_DEPTH}`, start)
    this.elementsLeft -= items + 2 * pairs
    if (this.elementsLeft < 0 || items + 2 * pairs > end - start) {
      throw this.damaged(`${items} items and ${pairs} pairs do not fit what is left`, start)
    }
    if (lua.lua_checkstack(L, SLOTS_PER_LEVEL) === 0) raise(vm, L, 'stack overflow')
    lua.lua_createtable(L, items, pairs)
    let at = start
    for (let i = 1; i <= items; i++) {
      if (at < end && bytes[at] === TAG_NIL) {
        at++
        continue
      }
      at = this.push(at, depth)
      lua.lua_rawseti(L, -2, FIRST_INDEXES[i] ?? BigInt(i))
    }
    for (let i = 0; i < pairs; i++) {
      at = this.key(at)
      at = this.push(at, depth)
      lua.lua_rawset(L, -3)
    }
    return at
  }

  /** Pushes what may be a key: a string, an integer, a boolean, or a float that is a number. */
  private key(at: Pointer): Pointer {
    const tag = this.bytes[at] as number
    if (tag >= TAG_SHORT_STRING) return this.string(at + 1, tag - TAG_SHORT_STRING)
    if (tag >= TAG_FALSE && tag <= TAG_STRING && !this.isNaN(at, tag)) return this.push(at, MAX_DEPTH)
    throw this.damaged('a table key of a kind that cannot be one', at)
  }

  private isNaN(at: Pointer, tag: number): boolean {
    return tag === TAG_FLOAT && this.end - at > 8 && Number.isNaN(this.bytes.readDoubleLE(at + 1))
  }
}

/** Brings bytes to an address in VM memory, whose views stay the same meanwhile. */
function copyIn(vm: Vm, bytes: Uint8Array, from: number, to: number, address: Pointer): void {
  const target = vm.bytes
  if (to - from <= LOOP_BYTES) {
    for (let i = from; i < to; i++) target[address + i - from] = bytes[i] as number
  } else {
    target.set(bytes.subarray(from, to), address)
  }
}

/**
 * Pushes `count` values that lie one behind the other in VM memory, for instance in the scratch area.
 * @returns the address behind them
 * @throws DamagedValueError: the stack is as before then. Errors of Lua pass through, see `pushValues`.
 */
export function pushValuesAt(
  vm: Vm,
  L: LuaState,
  address: Pointer,
  sizeBytes: number,
  count: number,
): Pointer {
  const { lua } = vm
  if (lua.lua_checkstack(L, count) === 0) raise(vm, L, 'stack overflow')
  const height = lua.lua_gettop(L)
  const pusher = new StackPusher(vm, L, address, sizeBytes)
  let at = address
  try {
    for (let i = 0; i < count; i++) at = pusher.push(at, 0)
  } catch (error) {
    if (error instanceof DamagedValueError) lua.lua_settop(L, height)
    throw error
  }
  return at
}

/**
 * Pushes `count` values that lie one behind the other and moves the cursor behind them. `bytes` may be a view over
 * shared memory, though not over the VM's own, and may go on behind the values. What the scratch area held is lost.
 *
 * Errors of Lua (not enough memory, stack overflow) pass through as its longjmp: right inside a host function. Where
 * no protected call is open, use `tryPushValues`.
 * @throws DamagedValueError: stack and cursor are as before then
 */
export function pushValues(vm: Vm, L: LuaState, bytes: Uint8Array, at: Cursor, count: number): void {
  const { lua } = vm
  const start = at.offset
  const { scratch, scratchBytes } = vm
  const end = bytes.length - start <= UNCOUNTED_BYTES ? bytes.length : endOfValues(bytes, start, count)
  if (end - start <= scratchBytes) {
    copyIn(vm, bytes, start, end, scratch)
    at.offset = start + pushValuesAt(vm, L, scratch, end - start, count) - scratch
    return
  }
  if (lua.lua_checkstack(L, 1) === 0) raise(vm, L, 'stack overflow')
  const holder = lua.lua_gettop(L) + 1
  const address = lua.lua_newuserdatauv(L, end - start, 0)
  try {
    copyIn(vm, bytes, start, end, address)
    pushValuesAt(vm, L, address, end - start, count)
  } catch (error) {
    if (error instanceof DamagedValueError) lua.lua_settop(L, holder - 1)
    throw error
  }
  lua.lua_rotate(L, holder, -1)
  lua.lua_settop(L, -2)
  at.offset = end
}

/** Bytes of the short string that begins with this tag, if they fit the room; else -1. The most frequent value by far. */
function shortStringBytes(tag: number | undefined, roomBytes: number): number {
  const sizeBytes = (tag ?? 0) - TAG_SHORT_STRING
  return sizeBytes >= 0 && sizeBytes < roomBytes ? sizeBytes : -1
}

function pushString(vm: Vm, L: LuaState, address: Pointer, sizeBytes: number): void {
  if (vm.lua.lua_checkstack(L, 1) === 0) raise(vm, L, 'stack overflow')
  vm.lua.lua_pushlstring(L, address, sizeBytes)
}

/** Pushes one value that lies in VM memory: see `pushValuesAt`. */
export function pushValueAt(vm: Vm, L: LuaState, address: Pointer, sizeBytes: number): Pointer {
  const stringBytes = shortStringBytes(vm.bytes[address], sizeBytes)
  if (stringBytes < 0) return pushValuesAt(vm, L, address, sizeBytes, 1)
  pushString(vm, L, address + 1, stringBytes)
  return address + 1 + stringBytes
}

/** Pushes one value: see `pushValues`. */
export function pushValue(vm: Vm, L: LuaState, bytes: Uint8Array, at: Cursor): void {
  const start = at.offset
  const stringBytes = shortStringBytes(bytes[start], bytes.length - start)
  if (stringBytes < 0) {
    pushValues(vm, L, bytes, at, 1)
    return
  }
  const end = start + 1 + stringBytes
  copyIn(vm, bytes, start + 1, end, vm.scratch)
  pushString(vm, L, vm.scratch, stringBytes)
  at.offset = end
}

/**
 * As `pushValues`, where no protected call is open. There an error of Lua aborts the VM instead of being caught.
 * @returns false if the values do not fit the VM's memory: the VM is of no use until its image is restored
 * @throws DamagedValueError: stack and cursor are as before then
 */
export function tryPushValues(vm: Vm, L: LuaState, bytes: Uint8Array, at: Cursor, count: number): boolean {
  try {
    pushValues(vm, L, bytes, at, count)
    return true
  } catch (error) {
    if (error instanceof DamagedValueError) throw error
    return false
  }
}
