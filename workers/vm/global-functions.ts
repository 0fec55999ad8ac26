// The global functions that an image's runs call, as values of Lua's stack. Every run of an image starts from the same
// memory, where a function lies at the same place: it is looked up by Lua once, and put on the stack by three words from
// then on.

import type { Image } from './image.js'
import { STATE, TVALUE_BYTES, TVALUE_TAG } from './layout.js'
import { LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS, LUA_TFUNCTION } from './lua.js'
import type { Vm } from './vm.js'

/** A script that calls more is looked up by Lua for the others. */
const MAX_KNOWN = 32
const GLOBALS = BigInt(LUA_RIDX_GLOBALS)

/** One object, which a thread with many images has to fetch from memory again for each run. */
export interface KnownFunction {
  readonly name: Uint8Array
  /** Its TValue: the value's two words, and the one with the tag. */
  readonly low: number
  readonly high: number
  readonly tag: number
}

/** Names that images of this thread share. */
const names: Uint8Array[] = []

/**
 * Puts the global function with that name (`lengthBytes` of `bytes`, from `at` on) in place of what stands alone on the
 * run thread's stack: `vm` must have been restored to `image` just now. Looked up raw. False when there is none.
 */
export function pushGlobalFunction(
  vm: Vm,
  image: Image,
  bytes: Uint8Array,
  at: number,
  lengthBytes: number,
): boolean {
  const known = image.functions.find(({ name }) => isName(name, bytes, at, lengthBytes))
  if (known === undefined) return lookUp(vm, image, Uint8Array.from(bytes.subarray(at, at + lengthBytes)))
  const slot = firstSlot(vm) >>> 2
  const { words } = vm
  words[slot] = known.low
  words[slot + 1] = known.high
  words[slot + TVALUE_TAG / 4] = known.tag
  return true
}

function isName(name: Uint8Array, bytes: Uint8Array, at: number, lengthBytes: number): boolean {
  if (name.length !== lengthBytes) return false
  for (let n = 0; n < lengthBytes; n++) if (name[n] !== bytes[at + n]) return false
  return true
}

/** Address of the run thread's first value. */
function firstSlot({ words, runThread }: Vm): number {
  const call = words[(runThread + STATE.ci) >>> 2] as number
  return (words[call >>> 2] as number) + TVALUE_BYTES
}

function lookUp(vm: Vm, image: Image, name: Uint8Array): boolean {
  const { lua, runThread, scratch } = vm
  lua.lua_settop(runThread, 0)
  lua.lua_rawgeti(runThread, LUA_REGISTRYINDEX, GLOBALS)
  vm.bytes.set(name, scratch)
  lua.lua_pushlstring(runThread, scratch, name.length)
  lua.lua_rawget(runThread, 1)
  lua.lua_copy(runThread, 2, 1)
  lua.lua_settop(runThread, 1)
  if (lua.lua_type(runThread, 1) !== LUA_TFUNCTION) return false
  const { words } = vm
  const slot = firstSlot(vm) >>> 2
  if (image.functions.length < MAX_KNOWN) {
    image.functions.push({
      name: shared(name),
      low: words[slot] as number,
      high: words[slot + 1] as number,
      tag: words[slot + TVALUE_TAG / 4] as number,
    })
  }
  return true
}

function shared(name: Uint8Array): Uint8Array {
  const known = names.find((other) => isName(other, name, 0, name.length))
  if (known === undefined && names.length < MAX_KNOWN) names.push(name)
  return known ?? name
}
