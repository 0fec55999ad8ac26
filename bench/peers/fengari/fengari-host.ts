// fengari: Lua 5.3 written in JavaScript, in the same thread, over an lru-cache in the same thread. One state, scripts
// loaded once, nothing isolated, no deadline.

import { lauxlib, lua, lualib, type State, to_luastring } from 'fengari'
import { LRUCache } from 'lru-cache'
import type { ScriptHost } from '../../script-host.js'
import type { Work } from '../../works.js'
import { type Kept, keep, push } from './fengari-values.js'

const MAX_ENTRIES = 50_000

/** The prefix of the call that is running: calls are synchronous. */
let prefix = ''

function openCache(L: State): void {
  const entries = new LRUCache<string, NonNullable<Kept>>({ max: MAX_ENTRIES })
  const keyOf = (): string => `${prefix}:${lua.lua_tojsstring(L, 1)}`
  const store = (ttlMs: number): number => {
    const value = keep(L, 2)
    if (value === undefined) entries.delete(keyOf())
    else entries.set(keyOf(), value, ttlMs > 0 ? { ttl: ttlMs } : {})
    lua.lua_pushboolean(L, true)
    return 1
  }
  const functions: Readonly<Record<string, () => number>> = {
    get: () => {
      const value = entries.get(keyOf())
      lua.lua_settop(L, 2)
      if (value !== undefined) push(L, value)
      return 1
    },
    put: () => store(0),
    put_ttl: () => store(Math.ceil(lua.lua_tonumber(L, 3) * 1_000)),
  }
  lua.lua_createtable(L, 0, 3)
  for (const [name, call] of Object.entries(functions)) {
    lua.lua_pushcfunction(L, call)
    lua.lua_setfield(L, -2, to_luastring(name))
  }
  lua.lua_setglobal(L, to_luastring('cache'))
}

function callLua(L: State, argCount: number): void {
  if (lua.lua_pcall(L, argCount, -1, 0) !== lua.LUA_OK) throw new Error(lua.lua_tojsstring(L, -1))
}

function readResults(L: State): unknown[] {
  return Array.from({ length: lua.lua_gettop(L) }, (_, n) => {
    const value = keep(L, n + 1)
    return value instanceof Uint8Array ? lua.lua_tojsstring(L, n + 1) : value
  })
}

export async function openFengari(work: Work): Promise<ScriptHost> {
  const L = lauxlib.luaL_newstate()
  lualib.luaL_openlibs(L)
  openCache(L)
  if (lauxlib.luaL_loadstring(L, to_luastring(work.lua)) !== lua.LUA_OK) {
    throw new Error(lua.lua_tojsstring(L, -1))
  }
  callLua(L, 0)
  const call = async (name: string, args: readonly unknown[], cachePrefix: string): Promise<unknown[]> => {
    prefix = cachePrefix
    lua.lua_settop(L, 0)
    lua.lua_getglobal(L, to_luastring(name))
    for (const arg of args) push(L, arg as Kept | string)
    callLua(L, args.length)
    return readResults(L)
  }
  return {
    run: async (args, cachePrefix) => (await call('main', [args], cachePrefix))[0],
    call,
    close: async () => {},
  }
}
