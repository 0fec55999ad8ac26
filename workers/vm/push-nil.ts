// Pushes nil without a call into Lua: a C function's stack has room for it, and nil is nothing but its tag.

import type { LuaState } from './lua.js'
import { LUA_NIL, SLOT_BYTES, TAG_OFFSET, TOP_OFFSET } from './stack-layout.js'
import type { Vm } from './vm.js'

const NIL = LUA_NIL
const SLOT = SLOT_BYTES
const TAG = TAG_OFFSET
const TOP = TOP_OFFSET

export function pushNil(vm: Vm, L: LuaState): void {
  const { words } = vm
  const top = words[(L + TOP) >>> 2] as number
  vm.bytes[top + TAG] = NIL
  words[(L + TOP) >>> 2] = top + SLOT
}
