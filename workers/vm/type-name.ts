// Lua's names for the types of values, as its own messages use them.

import type { LuaState } from './lua.js'
import type { Vm } from './vm.js'

const NAMES: readonly string[] = [
  'nil',
  'boolean',
  'light userdata',
  'number',
  'string',
  'table',
  'function',
  'userdata',
  'thread',
]

/** `no value` where the stack has none. */
export function typeName(vm: Vm, L: LuaState, index: number): string {
  return NAMES[vm.lua.lua_type(L, index)] ?? 'no value'
}
