// The gate to the native code of a VM (native/): loads it, and types what it takes and gives.

import { readFileSync } from 'node:fs'
import { createError } from '../../src/errors.js'
import type { Lua, LuaState, Pointer } from './lua.js'
import { NO_VIEW } from './no-view.js'

/** What the native code asks of JavaScript. */
export interface NativeHost {
  /** As a whole, for calls that the native ones do not take. */
  cacheGet(L: LuaState): number
  cachePut(L: LuaState): number
  cachePutTtl(L: LuaState): number
  /**
   * Looks for the key of `lengthBytes` at `address` and copies its value to the scratch area.
   * @returns bytes of the value, NOT_FOUND, or PUSHED when the value was too long and is on the stack of `L` instead
   */
  cacheFind(L: LuaState, hash: number, address: Pointer, lengthBytes: number): number
  /**
   * Stores under the key of `lengthBytes` at `address` a value of so many encoded bytes, 12 at most, which lie in three words,
   * little-endian; what is left of them is zero. `ttlSeconds`: NaN for none.
   * @returns 0 when nothing was done: then the whole function is called
   */
  cachePutShort(
    hash: number,
    address: Pointer,
    lengthBytes: number,
    valueBytes: number,
    v0: number,
    v1: number,
    v2: number,
    ttlSeconds: number,
  ): number
  /** The native code that reads the view, if there is any: what it finds, is found without asking JavaScript. */
  readonly viewFinder?: object | undefined
}

export const NOT_FOUND = 0
export const PUSHED = -1

export interface NativeCode {
  /** Three of lua_CFunction. */
  cacheGet(L: LuaState): number
  cachePut(L: LuaState): number
  cachePutTtl(L: LuaState): number
  /** Before each run. `maxKeyBytes`: -1 while a script loads, when there is no cache. */
  beginRun(incarnation: number, maxKeyBytes: number, scratch: Pointer): void
  setSecret(k0: number, k1: number): void
  /** Reads that the view finder answered since this was last asked. */
  takeHits(): number
  takeMisses(): number
  /** See src/shared/key-hash.ts. `address`: a whole word's. */
  hashKey(incarnation: number, address: Pointer, lengthBytes: number): number
  /**
   * Pushes `count` values that lie one behind the other from `at` on and end before `limit`; the stack has room for them.
   * @returns the address behind them; 0: see `lastFailure`, the stack holds more than before
   */
  pushValues(L: LuaState, at: Pointer, limit: Pointer, count: number): Pointer
  /** Pushes a string of so many bytes, more than 40; its address: they are to be written before anybody reads it. */
  newLongString(L: LuaState, lengthBytes: number): Pointer
  /** Copies bytes of the value that the view finder found last to `to`; false when it has changed meanwhile. */
  takeLong(to: Pointer, from: number, lengthBytes: number): number
  /** Index of FAILURES. */
  lastFailure(): number
  lastFailureAt(): Pointer
}

/** By the numbers of native/values.ts. */
export const FAILURES = [
  '',
  'more bytes wanted than are left',
  'the tag is unknown',
  'tables are nested too deep',
  'more items and pairs than fit what is left',
  'a table key of a kind that cannot be one',
  'stack overflow',
] as const
export const STACK_FULL: number = FAILURES.indexOf('stack overflow')

let compiled: WebAssembly.Module | undefined

function compile(): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(new URL('./native.wasm', import.meta.url)))
  } catch (cause) {
    throw createError('MOONPOOL_START', 'native.wasm cannot be used: build or install the package again', {
      cause,
    })
  }
}

export function createNativeCode(memory: WebAssembly.Memory, lua: Lua, host: NativeHost): NativeCode {
  compiled ??= compile()
  const { lua_checkstack, lua_createtable, lua_newuserdatauv, lua_pushlstring, lua_rawset, lua_rawseti } = lua
  const { cacheGet, cachePut, cachePutTtl } = host
  const instance = new WebAssembly.Instance(compiled, {
    env: { memory },
    lua: { lua_checkstack, lua_createtable, lua_newuserdatauv, lua_pushlstring, lua_rawset, lua_rawseti },
    host: { cacheGet, cachePut, cachePutTtl, find: host.cacheFind, putShort: host.cachePutShort },
    view: (host.viewFinder ?? NO_VIEW) as Readonly<Record<string, unknown>>,
  })
  return instance.exports as unknown as NativeCode
}
