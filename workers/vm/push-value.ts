// Bytes → Lua value on a stack (format: src/shared/value-format.ts). The bytes may be damaged or hostile.
//
// Lua takes strings from its own memory, so the bytes are brought there first, in one copy: into the scratch area, or
// into a userdata under the result when they are more. The collector owns that userdata, so a value that does not fit
// the memory leaks nothing. Tables get their size from counts that were checked against the bytes that are left.

import { MAX_DEPTH } from '../../src/limits.js'
import {
  type Cursor,
  DamagedValueError,
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
} from '../../src/shared/value-format.js'
import { endOfValues } from '../../src/shared/values.js'
import type { LuaState, Pointer } from './lua.js'
import { LUA_INTEGER, SLOT_BYTES, TAG_OFFSET, TOP_OFFSET } from './stack-layout.js'
import { raise } from './text.js'
import type { Vm } from './vm.js'

/** A level holds its table, a key and a value. */
const SLOTS_PER_LEVEL = 4
/** Up to here a loop beats a native copy. */
const LOOP_BYTES = 32
const FIRST_INDEXES: readonly bigint[] = Array.from({ length: 257 }, (_, n) => BigInt(n))

class StackPusher {
  /** Where it stands in VM memory, and where the bytes end. */
  at: Pointer
  private readonly end: Pointer
  private readonly start: Pointer
  private readonly vm: Vm
  private readonly L: LuaState
  /** How many more elements all tables together may claim: each takes a byte at least. */
  private elementsLeft: number

  constructor(vm: Vm, L: LuaState, address: Pointer, sizeBytes: number) {
    this.vm = vm
    this.L = L
    this.at = address
    this.start = address
    this.end = address + sizeBytes
    this.elementsLeft = sizeBytes
  }

  private damaged(what: string): DamagedValueError {
    return new DamagedValueError(what, this.at - this.start)
  }

  /** Moves on by that many bytes, which must be there; gives where they begin. */
  private take(sizeBytes: number): Pointer {
    const at = this.at
    if (sizeBytes > this.end - at) throw this.damaged(`${sizeBytes} bytes wanted, fewer left`)
    this.at = at + sizeBytes
    return at
  }

  private u8(): number {
    return this.vm.bytes[this.take(1)] as number
  }

  private u32(): number {
    return this.vm.view.getUint32(this.take(4), true)
  }

  /** Pushes one value. The stack has room for it. */
  push(depth: number): void {
    const { vm, L } = this
    const { lua } = vm
    const tag = this.u8()
    if (tag >= TAG_SHORT_STRING) {
      const sizeBytes = tag - TAG_SHORT_STRING
      lua.lua_pushlstring(L, this.take(sizeBytes), sizeBytes)
      return
    }
    switch (tag) {
      case TAG_NIL:
        lua.lua_pushnil(L)
        break
      case TAG_FALSE:
      case TAG_TRUE:
        lua.lua_pushboolean(L, tag - TAG_FALSE)
        break
      case TAG_INT32: {
        const small = vm.view.getInt32(this.take(4), true)
        this.integer(small, small >> 31)
        break
      }
      case TAG_INT64: {
        const at = this.take(8)
        this.integer(vm.view.getInt32(at, true), vm.view.getInt32(at + 4, true))
        break
      }
      case TAG_FLOAT:
        this.float()
        break
      case TAG_STRING: {
        const sizeBytes = this.u32()
        lua.lua_pushlstring(L, this.take(sizeBytes), sizeBytes)
        break
      }
      case TAG_TABLE_SMALL:
        this.table(this.u8(), this.u8(), depth + 1)
        break
      case TAG_TABLE:
        this.table(this.u32(), this.u32(), depth + 1)
        break
      default:
        throw this.damaged(`tag ${tag} is unknown`)
    }
  }

  /** Pushes a number and makes it the integer of these halves: cheaper than a BigInt across the border. */
  private integer(low: number, high: number): void {
    const { vm, L } = this
    vm.lua.lua_pushnumber(L, 0)
    const slot = (vm.words[(L + TOP_OFFSET) >>> 2] as number) - SLOT_BYTES
    vm.words[slot >>> 2] = low
    vm.words[(slot + 4) >>> 2] = high
    vm.bytes[slot + TAG_OFFSET] = LUA_INTEGER
  }

  /** Copies the bits, so that a NaN stays the NaN that it was. */
  private float(): void {
    const { vm, L } = this
    const at = this.take(8)
    vm.lua.lua_pushnumber(L, 0)
    const slot = (vm.words[(L + TOP_OFFSET) >>> 2] as number) - SLOT_BYTES
    vm.words[slot >>> 2] = vm.view.getUint32(at, true)
    vm.words[(slot + 4) >>> 2] = vm.view.getUint32(at + 4, true)
  }

  private table(items: number, pairs: number, depth: number): void {
    const { vm, L } = this
    const { lua } = vm
    if (depth > MAX_DEPTH) throw this.damaged(`tables nested deeper than ${MAX_DEPTH}`)
    this.elementsLeft -= items + 2 * pairs
    if (this.elementsLeft < 0 || items + 2 * pairs > this.end - this.at) {
      throw this.damaged(`${items} items and ${pairs} pairs do not fit what is left`)
    }
    if (lua.lua_checkstack(L, SLOTS_PER_LEVEL) === 0) raise(vm, L, 'stack overflow')
    lua.lua_createtable(L, items, pairs)
    for (let i = 1; i <= items; i++) {
      if (vm.bytes[this.at] === TAG_NIL && this.at < this.end) {
        this.at++
        continue
      }
      this.push(depth)
      lua.lua_rawseti(L, -2, FIRST_INDEXES[i] ?? BigInt(i))
    }
    for (let i = 0; i < pairs; i++) {
      this.key()
      this.push(depth)
      lua.lua_rawset(L, -3)
    }
  }

  private key(): void {
    const { bytes, view } = this.vm
    const tag = bytes[this.at] as number
    const isKind = tag >= TAG_SHORT_STRING || (tag >= TAG_FALSE && tag <= TAG_STRING)
    if (
      !isKind ||
      (tag === TAG_FLOAT && this.end - this.at > 8 && Number.isNaN(view.getFloat64(this.at + 1, true)))
    ) {
      throw this.damaged('a table key of a kind that cannot be one')
    }
    this.push(MAX_DEPTH)
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
 * @throws DamagedValueError: the stack is as before then. Errors of Lua pass through, see `pushValues`.
 */
export function pushValuesAt(vm: Vm, L: LuaState, address: Pointer, sizeBytes: number, count: number): void {
  const { lua } = vm
  if (lua.lua_checkstack(L, count) === 0) raise(vm, L, 'stack overflow')
  const height = lua.lua_gettop(L)
  const pusher = new StackPusher(vm, L, address, sizeBytes)
  try {
    for (let i = 0; i < count; i++) pusher.push(0)
  } catch (error) {
    if (error instanceof DamagedValueError) lua.lua_settop(L, height)
    throw error
  }
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
  const end = endOfValues(bytes, start, count)
  if (end - start <= vm.scratchBytes) {
    copyIn(vm, bytes, start, end, vm.scratch)
    pushValuesAt(vm, L, vm.scratch, end - start, count)
    at.offset = end
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

/** Pushes one value: see `pushValues`. */
export function pushValue(vm: Vm, L: LuaState, bytes: Uint8Array, at: Cursor): void {
  pushValues(vm, L, bytes, at, 1)
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
