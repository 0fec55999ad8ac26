// Short texts of ours between JavaScript and the VM, through the scratch area.

import type { LuaState, Pointer } from './lua.js'
import type { Vm } from './vm.js'

/** Writes a NUL-terminated string to the scratch area, cut to its size; valid until the next use of the scratch. */
export function writeCString(vm: Vm, text: string): Pointer {
  const length = vm.bytes.write(text, vm.scratch, vm.scratchBytes - 1, 'utf8')
  vm.bytes[vm.scratch + length] = 0
  return vm.scratch
}

/** Pushes a Lua string, cut to the size of the scratch area. */
export function pushText(vm: Vm, L: LuaState, text: string): void {
  const length = vm.bytes.write(text, vm.scratch, vm.scratchBytes, 'utf8')
  vm.lua.lua_pushlstring(L, vm.scratch, length)
}

/** The first `maxBytes` of the string at a stack index; it must be a string, because a number would be changed. */
export function readText(vm: Vm, L: LuaState, index: number, maxBytes: number): string {
  const address = vm.lua.lua_tolstring(L, index, vm.scratch)
  const length = vm.words[vm.scratch >>> 2] as number
  return vm.bytes.toString('utf8', address, address + Math.min(length, maxBytes))
}

const CONTINUATION_MASK = 0xc0
const CONTINUATION = 0x80

/**
 * The string at a stack index as text of at most `maxBytes` of UTF-8, cut between characters. Bytes that are no UTF-8
 * become U+FFFD, which may need three bytes for one.
 */
export function cutText(vm: Vm, L: LuaState, index: number, maxBytes: number): string {
  const address = vm.lua.lua_tolstring(L, index, vm.scratch)
  const length = vm.words[vm.scratch >>> 2] as number
  for (let keep = maxBytes; ; keep = Math.floor(keep / 2)) {
    let end = Math.min(length, keep)
    if (end < length) {
      while (end > 0 && ((vm.bytes[address + end] as number) & CONTINUATION_MASK) === CONTINUATION) end--
    }
    const text = vm.bytes.toString('utf8', address, address + end)
    if (Buffer.byteLength(text) <= maxBytes) return text
  }
}

/** Raises `message` with the position of the Lua code that called the running C function. Never returns. */
export function raise(vm: Vm, L: LuaState, message: string): number {
  vm.lua.luaL_where(L, 1)
  pushText(vm, L, message)
  vm.lua.lua_concat(L, 2)
  return vm.lua.lua_error(L)
}
