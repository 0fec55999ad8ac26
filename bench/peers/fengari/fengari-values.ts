// Values between fengari's stack and what an lru-cache can keep: byte strings stay bytes, tables become maps. A copy at
// each crossing, as a cache that many scripts share must make.

import { lua, type State, to_luastring } from 'fengari'

/** `undefined` is nil. */
export type Kept = boolean | number | Uint8Array | ReadonlyMap<boolean | number | string, Kept> | undefined

export function keep(L: State, index: number): Kept {
  switch (lua.lua_type(L, index)) {
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(L, index)
    case lua.LUA_TNUMBER:
      return lua.lua_tonumber(L, index)
    case lua.LUA_TSTRING:
      return lua.lua_tostring(L, index)
    case lua.LUA_TTABLE:
      return keepTable(L, index)
    default:
      return undefined
  }
}

function keepTable(L: State, index: number): Kept {
  const table = new Map<boolean | number | string, Kept>()
  lua.lua_pushnil(L)
  while (lua.lua_next(L, index) !== 0) {
    const top = lua.lua_gettop(L)
    const isText = lua.lua_type(L, top - 1) === lua.LUA_TSTRING
    const key = isText ? lua.lua_tojsstring(L, top - 1) : (keep(L, top - 1) as boolean | number)
    table.set(key, keep(L, top))
    lua.lua_pop(L, 1)
  }
  return table
}

export function push(L: State, value: Kept | string): void {
  if (typeof value === 'string') lua.lua_pushstring(L, to_luastring(value))
  else if (value instanceof Uint8Array) lua.lua_pushstring(L, value)
  else if (typeof value === 'number') pushNumber(L, value)
  else if (typeof value === 'boolean') lua.lua_pushboolean(L, value)
  else if (value === undefined) lua.lua_pushnil(L)
  else pushTable(L, value)
}

function pushNumber(L: State, value: number): void {
  // fengari's integers have 32 bits.
  if ((value | 0) === value) lua.lua_pushinteger(L, value)
  else lua.lua_pushnumber(L, value)
}

function pushTable(L: State, table: ReadonlyMap<boolean | number | string, Kept>): void {
  lua.lua_createtable(L, 0, table.size)
  for (const [key, value] of table) {
    push(L, key)
    push(L, value)
    lua.lua_rawset(L, -3)
  }
}
