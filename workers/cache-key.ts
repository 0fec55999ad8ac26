// The first argument of every cache function: a key's bytes, where they lie in VM memory.

import type { HashedKey } from '../src/shared/key-hash.js'
import { LUA_TNUMBER, LUA_TSTRING, LUA_TTABLE, type LuaState } from './vm/lua.js'
import * as layout from './vm/stack-layout.js'
import { pushText, raise } from './vm/text.js'
import { typeName } from './vm/type-name.js'
import type { Vm } from './vm/vm.js'

// As locals: V8 reads an imported constant anew at each use.
const {
  CI_OFFSET,
  LUA_SHORT_STRING,
  SHORT_LENGTH_OFFSET,
  SLOT_BYTES,
  STRING_BYTES_OFFSET,
  TAG_OFFSET,
  TOP_OFFSET,
} = layout

export class KeyArgument {
  /** Where the bytes lie, until Lua runs on. */
  address = 0
  lengthBytes = 0
  /** Whether the call had no other argument. */
  isAlone = false

  /** Takes what the call was given. Raises what is no key, as a library function of that name would. */
  read(vm: Vm, L: LuaState, functionName: string): void {
    if (this.#readShortString(vm, L)) return
    this.isAlone = vm.lua.lua_gettop(L) < 2
    const type = vm.lua.lua_type(L, 1)
    if (type !== LUA_TSTRING) requireKeyNumber(vm, L, type, functionName)
    this.address = vm.lua.lua_tolstring(L, 1, vm.scratch) >>> 0
    // Out of VM memory, which a script with a bug of Lua at hand may have damaged: never beyond that memory.
    const told = vm.words[vm.scratch >>> 2] as number
    this.lengthBytes = Math.min(told, Math.max(0, vm.sizeBytes - this.address))
  }

  /** Nearly every key: looked at where it lies on the stack, without a call into Lua. */
  #readShortString(vm: Vm, L: LuaState): boolean {
    const { words, bytes } = vm
    const callInfo = words[(L + CI_OFFSET) >>> 2] as number
    const argument = (words[callInfo >>> 2] as number) + SLOT_BYTES
    const top = words[(L + TOP_OFFSET) >>> 2] as number
    if (argument >= top) return false
    if (bytes[argument + TAG_OFFSET] !== LUA_SHORT_STRING) return false
    this.isAlone = top - argument <= SLOT_BYTES
    const string = words[argument >>> 2] as number
    this.address = string + STRING_BYTES_OFFSET
    this.lengthBytes = bytes[string + SHORT_LENGTH_OFFSET] ?? 0
    return true
  }

  /** Hashes the key, which is not longer than any that can be stored. Lua's strings begin at whole words. */
  hashInto(key: HashedKey, vm: Vm, incarnation: number): void {
    const { address, lengthBytes } = this
    if ((address & 3) === 0) key.setWords(incarnation, vm.words, address >>> 2, lengthBytes)
    else key.setBytes(incarnation, vm.bytes.subarray(address, address + lengthBytes))
  }
}

/** Numbers are keys by the text that `..` gives them. */
function requireKeyNumber(vm: Vm, L: LuaState, type: number, functionName: string): void {
  if (type !== LUA_TNUMBER) {
    raise(vm, L, `bad argument #1 to '${functionName}' (${complaint(vm, L, type, functionName)})`)
  }
  const number = vm.lua.lua_tonumberx(L, 1, 0)
  if (Number.isFinite(number)) return
  const given = Number.isNaN(number) ? 'nan' : 'inf'
  raise(vm, L, `bad argument #1 to '${functionName}' (finite number expected, got ${given})`)
}

function complaint(vm: Vm, L: LuaState, type: number, functionName: string): string {
  if (type === LUA_TTABLE && isCacheTable(vm, L))
    return `write cache.${functionName}, not cache:${functionName}`
  return `string expected, got ${typeName(vm, L, 1)}`
}

/** Whether the first argument is the cache table itself, or a copy of it: then it was called with a colon. */
function isCacheTable(vm: Vm, L: LuaState): boolean {
  pushText(vm, L, 'put_ttl')
  vm.lua.lua_rawget(L, 1)
  const isOurs = vm.lua.lua_iscfunction(L, -1) !== 0
  vm.lua.lua_settop(L, -2)
  return isOurs
}
