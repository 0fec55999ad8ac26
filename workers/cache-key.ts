// The first argument of every cache function: a key's bytes.

import { LUA_TNUMBER, LUA_TSTRING, LUA_TTABLE, type LuaState } from './vm/lua.js'
import { stringBytes } from './vm/string-bytes.js'
import { pushText, raise } from './vm/text.js'
import { typeName } from './vm/type-name.js'
import type { Vm } from './vm/vm.js'

/** A view into VM memory, valid until Lua runs on. Raises what is no key, as a library function of that name would. */
export function keyBytes(vm: Vm, L: LuaState, functionName: string): Uint8Array {
  const type = vm.lua.lua_type(L, 1)
  if (type === LUA_TNUMBER) {
    const number = vm.lua.lua_tonumberx(L, 1, 0)
    if (!Number.isFinite(number)) {
      const given = Number.isNaN(number) ? 'nan' : 'inf'
      raise(vm, L, `bad argument #1 to '${functionName}' (finite number expected, got ${given})`)
    }
  } else if (type !== LUA_TSTRING) {
    raise(vm, L, `bad argument #1 to '${functionName}' (${complaint(vm, L, type, functionName)})`)
  }
  return stringBytes(vm, L, 1)
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
