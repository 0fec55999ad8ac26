// Bytes → Lua value on a stack (format: src/shared/value-format.ts). The bytes may be damaged or hostile.
//
// Lua takes strings from its own memory, so the bytes are brought there first, in one copy: into the scratch area, or
// into a userdata under the result when they are more. The collector owns that userdata, so a value that does not fit
// the memory leaks nothing. Tables get their size from counts that were checked against the bytes that are left.

import { copyBytes } from '../../src/shared/copy-bytes.js'
import * as format from '../../src/shared/value-format.js'
import { type Cursor, DamagedValueError } from '../../src/shared/value-format.js'
import { endOfValues } from '../../src/shared/values.js'
import type { LuaState, Pointer } from './lua.js'
import { FAILURES, STACK_FULL } from './native.js'
import { raise } from './text.js'
import { NOBODY, type Vm } from './vm.js'

// V8 folds the constants of a module into its code, but loads imported ones at each use.
const { TAG_SHORT_STRING } = format

/** Copying so little takes less time than finding out how much of it is needed. */
const UNCOUNTED_BYTES = 1024

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
  const { lua, native } = vm
  if (lua.lua_checkstack(L, count) === 0) raise(vm, L, 'stack overflow')
  const height = lua.lua_gettop(L)
  const end = native.pushValues(L, address, address + sizeBytes, count)
  if (end !== 0) return end
  const failure = native.lastFailure()
  if (failure === STACK_FULL) raise(vm, L, 'stack overflow')
  lua.lua_settop(L, height)
  throw new DamagedValueError(FAILURES[failure] ?? 'it cannot be read', native.lastFailureAt() - address)
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
    copyBytes(vm.bytes, scratch, bytes, start, end - start)
    at.offset = start + pushValuesAt(vm, L, scratch, end - start, count) - scratch
    return
  }
  if (lua.lua_checkstack(L, 1) === 0) raise(vm, L, 'stack overflow')
  const holder = lua.lua_gettop(L) + 1
  const address = lua.lua_newuserdatauv(L, end - start, 0)
  try {
    copyBytes(vm.bytes, address, bytes, start, end - start)
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
  copyBytes(vm.bytes, vm.scratch, bytes, start + 1, stringBytes)
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
    // Lua was left in the middle of something: nothing of this VM is to be relied on when it is restored.
    vm.owner = NOBODY
    return false
  }
}
