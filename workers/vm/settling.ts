// Brings a state to rest before it becomes an image: garbage gone, and the next collection put off.
//
// After a full collection Lua starts the next one when as much was allocated again: with an image of 11 KB of objects
// that would be in almost every run, for memory that the next restore gives back anyway. So the first FREE_BYTES of a
// run are allocated without collecting (runs of 50–200 KB gain a tenth); after that Lua's own pace applies. Lua counts
// bytes in use as totalbytes + debt and collects while debt > 0: both are moved, their sum stays.
//
// Every collection notes what it left before anybody reads that. Until then the note says what no collection leaves: so
// it tells whether one has come that far since.

import { GLOBAL, STATE } from './layout.js'
import { LUA_OK } from './lua.js'
import { zero } from './shadow-stack.js'
import { pushText } from './text.js'
import type { Vm } from './vm.js'

const FREE_BYTES = 256 * 1024
/** Fewer bytes than a collection ever leaves. */
const NEVER_ESTIMATED = 1

/** Addresses of the two counters, and of what the last collection left. */
function counters(vm: Vm): { total: number; debt: number; estimate: number } {
  const global = vm.words[(vm.mainState + STATE.global) >>> 2] as number
  return {
    total: global + GLOBAL.totalbytes,
    debt: global + GLOBAL.debt,
    estimate: global + GLOBAL.estimate,
  }
}

/** Bytes that Lua has allocated and not freed. */
export function bytesInUse(vm: Vm): number {
  const { total, debt } = counters(vm)
  return vm.view.getInt32(total, true) + vm.view.getInt32(debt, true)
}

/** A full collection, from outside any run; puts off the next, and clears the scratch area, where a source may lie. */
export function collectGarbage(vm: Vm): void {
  const { lua, mainState } = vm
  // The second round frees what the first found unreachable only after clearing weak tables and closing threads.
  for (let round = 0; round < 2; round++) {
    lua.lua_pushcclosure(mainState, vm.addresses.natives.collectgarbage, 0)
    pushText(vm, mainState, 'collect')
    if (lua.lua_pcallk(mainState, 1, 0, 0, 0, 0) !== LUA_OK) lua.lua_settop(mainState, 0)
  }
  const inUse = bytesInUse(vm)
  const { total, debt, estimate } = counters(vm)
  vm.view.setInt32(total, inUse + FREE_BYTES, true)
  vm.view.setInt32(debt, -FREE_BYTES, true)
  vm.view.setInt32(estimate, NEVER_ESTIMATED, true)
  zero(vm.bytes, vm.scratch, vm.scratch + vm.scratchBytes)
}
