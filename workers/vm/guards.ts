// C functions of Lua that scripts get behind a check. A guard runs in the frame of the call and ends by calling the
// original there, so arguments, error positions and names in messages are what Lua makes of them.

import { LUA_TNIL, LUA_TSTRING, type LuaState } from './lua.js'
import { randomInteger } from './random-seeds.js'
import { pushText, raise, readText, writeCString } from './text.js'
import { MAX_SECONDS, MIN_SECONDS } from './time.js'
import type { HostFunction, Vm } from './vm.js'

export type GuardName = 'load' | 'collectgarbage' | 'date' | 'randomseed' | 'create' | 'wrap'

const BINARY_SIGNATURE = 0x1b
/** Option and mode names are shorter; of anything longer this much is quoted. */
const MAX_WORD_BYTES = 64

/** As C reads it: up to the first zero. */
function readWord(vm: Vm, L: LuaState, index: number): string {
  vm.lua.luaL_checklstring(L, index, 0)
  const text = readText(vm, L, index, MAX_WORD_BYTES)
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

function startsLikeBinary(vm: Vm, L: LuaState, index: number): boolean {
  if (vm.lua.lua_type(L, index) !== LUA_TSTRING) return false
  return vm.bytes[vm.lua.lua_tolstring(L, index, 0)] === BINARY_SIGNATURE
}

/** load(chunk [, name [, mode [, env]]]) with the mode "t" in place of any that allows something. */
function guardLoad(vm: Vm): HostFunction {
  return (L) => {
    const { lua } = vm
    vm.hasParsed = true
    let allowed = 't'
    if (lua.lua_type(L, 3) <= LUA_TNIL) {
      // An absent fourth argument must stay absent: a nil there would be taken for the environment.
      if (lua.lua_gettop(L) < 3) lua.lua_settop(L, 3)
    } else {
      const mode = readWord(vm, L, 3)
      // Lua itself refuses everything, once it was given the first piece; by the word that was looked at, not by what
      // may follow it.
      if (!/[bt]/.test(mode)) allowed = mode
      else if (!mode.includes('t') && !startsLikeBinary(vm, L, 1)) {
        lua.lua_pushnil(L)
        pushText(vm, L, `attempt to load a text chunk (mode is '${mode}')`)
        return 2
      }
    }
    pushText(vm, L, allowed)
    lua.lua_copy(L, -1, 3)
    lua.lua_settop(L, -2)
    return vm.cFunction(vm.addresses.natives.load)(L)
  }
}

/** collectgarbage([option]): "count" tells, "collect" and "step" do nothing and give 0, the rest raises. */
function guardCollectGarbage(vm: Vm): HostFunction {
  return (L) => {
    const { lua } = vm
    const option = lua.lua_type(L, 1) <= LUA_TNIL ? 'collect' : readWord(vm, L, 1)
    if (option === 'count') return vm.cFunction(vm.addresses.natives.collectgarbage)(L)
    if (option !== 'collect' && option !== 'step') {
      return lua.luaL_argerror(L, 1, writeCString(vm, `invalid option '${option}'`))
    }
    lua.lua_pushinteger(L, 0n)
    return 1
  }
}

/** os.date([format [, time]]): the import below it cannot refuse a time, so years beyond C's int stop here. */
function guardDate(vm: Vm): HostFunction {
  return (L) => {
    if (vm.lua.lua_type(L, 2) > LUA_TNIL) {
      const seconds = vm.lua.luaL_checkinteger(L, 2)
      if (seconds > MAX_SECONDS || seconds < MIN_SECONDS) {
        return raise(vm, L, 'date result cannot be represented in this installation')
      }
    }
    return vm.cFunction(vm.addresses.natives.date)(L)
  }
}

/** math.randomseed([x [, y]]): Lua would seed from the time in seconds, the same for all runs within one. */
function guardRandomSeed(vm: Vm): HostFunction {
  return (L) => {
    if (vm.lua.lua_gettop(L) === 0) {
      vm.lua.lua_pushinteger(L, randomInteger())
      vm.lua.lua_pushinteger(L, randomInteger())
    }
    return vm.cFunction(vm.addresses.natives.randomseed)(L)
  }
}

/** coroutine.create and coroutine.wrap where instructions are counted: a coroutine pays its first slice. */
function guardCoroutine(vm: Vm, native: 'create' | 'wrap'): HostFunction {
  return (L) => {
    vm.budget.takeSlice()
    return vm.cFunction(vm.addresses.natives[native])(L)
  }
}

export function createGuards(vm: Vm): Record<GuardName, HostFunction> {
  return {
    load: guardLoad(vm),
    collectgarbage: guardCollectGarbage(vm),
    date: guardDate(vm),
    randomseed: guardRandomSeed(vm),
    create: guardCoroutine(vm, 'create'),
    wrap: guardCoroutine(vm, 'wrap'),
  }
}
