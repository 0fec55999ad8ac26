// Brings a state to rest before it becomes an image: garbage gone, and the next collection far away.

import { LUA_OK } from './lua.js'
import { pushText } from './text.js'
import type { Vm } from './vm.js'

/** A full collection, from outside any run. */
export function collectGarbage(vm: Vm): void {
  const { lua, mainState } = vm
  // The second one frees what the first found unreachable only after clearing weak tables and closing threads.
  for (let round = 0; round < 2; round++) {
    lua.lua_pushcclosure(mainState, vm.addresses.natives.collectgarbage, 0)
    pushText(vm, mainState, 'collect')
    if (lua.lua_pcallk(mainState, 1, 0, 0, 0, 0) !== LUA_OK) lua.lua_settop(mainState, 0)
  }
}
