// A Lua string's bytes where they lie in VM memory.

import type { LuaState } from './lua.js'
import type { Vm } from './vm.js'

/**
 * The bytes of the string at a stack index: a view, valid until Lua runs on. A number there becomes its text, in place.
 * Address and length come out of VM memory, which a script with a bug of Lua at hand may have damaged: a view never
 * reaches beyond that memory.
 */
export function stringBytes(vm: Vm, L: LuaState, index: number): Buffer {
  const address = vm.lua.lua_tolstring(L, index, vm.scratch) >>> 0
  return vm.bytes.subarray(address, address + (vm.words[vm.scratch >>> 2] as number))
}
