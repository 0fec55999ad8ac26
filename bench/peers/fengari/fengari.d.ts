// What this bench uses of fengari, which ships no types. Its names are those of Lua's C API.

declare module 'fengari' {
  /** A lua_State. */
  type State = { readonly __state: unique symbol }
  type LuaString = Uint8Array

  export const lua: {
    LUA_OK: number
    LUA_TNIL: number
    LUA_TBOOLEAN: number
    LUA_TNUMBER: number
    LUA_TSTRING: number
    LUA_TTABLE: number
    lua_createtable(L: State, arrayCount: number, hashCount: number): void
    lua_getglobal(L: State, name: LuaString): number
    lua_gettop(L: State): number
    lua_isinteger(L: State, index: number): boolean
    lua_next(L: State, index: number): number
    lua_pcall(L: State, argCount: number, resultCount: number, handler: number): number
    lua_pop(L: State, count: number): void
    lua_pushboolean(L: State, value: boolean): void
    lua_pushcfunction(L: State, call: (L: State) => number): void
    lua_pushinteger(L: State, value: number): void
    lua_pushnil(L: State): void
    lua_pushnumber(L: State, value: number): void
    lua_pushstring(L: State, value: LuaString): void
    lua_pushvalue(L: State, index: number): void
    lua_rawset(L: State, index: number): void
    lua_setfield(L: State, index: number, name: LuaString): void
    lua_setglobal(L: State, name: LuaString): void
    lua_settop(L: State, index: number): void
    lua_toboolean(L: State, index: number): boolean
    lua_tojsstring(L: State, index: number): string
    lua_tonumber(L: State, index: number): number
    lua_tostring(L: State, index: number): LuaString
    lua_type(L: State, index: number): number
  }
  export const lauxlib: {
    luaL_loadstring(L: State, source: LuaString): number
    luaL_newstate(): State
  }
  export const lualib: { luaL_openlibs(L: State): void }
  export function to_luastring(text: string): LuaString
}
