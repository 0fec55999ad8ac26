// Makes the state that every script starts from: libraries, host functions, prelude, the run thread. It happens once
// per engine; everywhere else the result is restored as an image.
//
// Two things are done to the state by hand, because Lua has no call for them:
// - `__gc` is switched off. Lua finds a metamethod by the address of its name, taken from a list inside the global
//   state. The entry of `__gc` is replaced by a long string, which is identical with no key of any table: no object is
//   ever marked for finalization, setmetatable stays Lua's own, and a field named __gc is like any other.
// - The count hook is set and its mask then cleared, because lua_sethook with mask 0 would remove the hook. Only where
//   instructions are counted it stays on.

import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createError } from '../../src/errors.js'
import { heapEnd } from './base-memory.js'
import { fixStrings } from './fixed-strings.js'
import { SLICE_INSTRUCTIONS } from './instruction-budget.js'
import {
  GLOBAL,
  METAMETHOD_GC,
  METAMETHOD_MODE,
  METAMETHOD_NEWINDEX,
  PIECE_HEAD_BYTES,
  STATE,
  STRING_HEADER_BYTES,
} from './layout.js'
import { LUA_MASKCOUNT, LUA_OK, LUA_REGISTRYINDEX, type LuaState, type Pointer } from './lua.js'
import { collectGarbage } from './settling.js'
import { pushText, readText, writeCString } from './text.js'
import type { FunctionIndexes, NativeName, Vm } from './vm.js'

/** Any length over 40 bytes makes it a long string. */
const NO_METAMETHOD = 'the name that no metamethod of any table has, in place of __gc'
/** What the smallest free piece of the heap can hold. */
const SMALLEST_HOLE_BYTES = 8
const MAX_WALL_CLOCK_MS: number = 2 ** 42

function fail(what: string): never {
  throw createError('MOONPOOL_START', `the base state cannot be made: ${what}`)
}

const setRegistry = (vm: Vm, L: LuaState, name: string): void =>
  vm.lua.lua_setfield(L, LUA_REGISTRYINDEX, writeCString(vm, name))

/** Address of the string that was pushed last, as the garbage collector knows it; pops it. */
function popString(vm: Vm, L: LuaState): Pointer {
  const address = vm.lua.lua_tolstring(L, -1, 0) - STRING_HEADER_BYTES
  vm.lua.lua_settop(L, -2)
  return address
}

function switchOffFinalizers(vm: Vm, L: LuaState): void {
  const names = ((vm.words[(L + STATE.global) >>> 2] as number) + GLOBAL.metamethodNames) >>> 2
  const expected: [number, string][] = [
    [METAMETHOD_NEWINDEX, '__newindex'],
    [METAMETHOD_GC, '__gc'],
    [METAMETHOD_MODE, '__mode'],
  ]
  for (const [position, name] of expected) {
    pushText(vm, L, name)
    if (vm.words[names + position] !== popString(vm, L)) fail('the list of metamethods is not where it was')
  }
  pushText(vm, L, NO_METAMETHOD)
  vm.lua.lua_pushvalue(L, -1)
  setRegistry(vm, L, 'moonpool.no_metamethod')
  vm.words[names + METAMETHOD_GC] = popString(vm, L)
}

/** Where `loaded` stands on the stack while the state is made. */
const LOADED = 1

/** Opens libraries and enters them in `loaded`. */
function openLibraries(
  vm: Vm,
  L: LuaState,
  libraries: Readonly<Record<string, (L: LuaState) => void>>,
): void {
  for (const [name, open] of Object.entries(libraries)) {
    open(L)
    vm.lua.lua_setfield(L, LOADED, writeCString(vm, name))
  }
}

/** The same, with a global variable for each. */
function openGlobally(vm: Vm, L: LuaState): void {
  const { lua } = vm
  const libraries = {
    coroutine: lua.luaopen_coroutine,
    table: lua.luaopen_table,
    string: lua.luaopen_string,
    math: lua.luaopen_math,
    utf8: lua.luaopen_utf8,
  }
  openLibraries(vm, L, libraries)
  for (const name of Object.keys(libraries)) {
    lua.lua_getfield(L, LOADED, writeCString(vm, name))
    lua.lua_setglobal(L, writeCString(vm, name))
  }
}

/** Function-table index of the C function `library.name`. */
function findCFunction(vm: Vm, L: LuaState, library: string, name: string): number {
  vm.lua.lua_getfield(L, LOADED, writeCString(vm, library))
  vm.lua.lua_getfield(L, -1, writeCString(vm, name))
  const index = vm.lua.lua_tocfunction(L, -1)
  vm.lua.lua_settop(L, -3)
  if (index === 0) fail(`${library}.${name} is no C function`)
  return index
}

/** The generator's userdata, kept in the registry: reseeding must never write into memory that was freed. */
function anchorRandomState(vm: Vm, L: LuaState): Pointer {
  const { lua } = vm
  lua.lua_getfield(L, LOADED, writeCString(vm, 'math'))
  lua.lua_getfield(L, -1, writeCString(vm, 'random'))
  if (lua.lua_getupvalue(L, -1, 1) === 0) fail('math.random keeps its state elsewhere')
  const address = lua.lua_touserdata(L, -1)
  setRegistry(vm, L, 'moonpool.random')
  lua.lua_settop(L, -3)
  return address
}

function call(vm: Vm, L: LuaState, argumentCount: number, resultCount: number): void {
  if (vm.lua.lua_pcallk(L, argumentCount, resultCount, 0, 0, 0) === LUA_OK) return
  fail(`prelude.lua: ${readText(vm, L, -1, 1024)}`)
}

function pushFunctions(vm: Vm, L: LuaState, names: readonly (keyof FunctionIndexes)[]): void {
  vm.lua.lua_createtable(L, 0, names.length + 1)
  for (const name of names) {
    vm.lua.lua_pushcclosure(L, vm.functions[name], 0)
    vm.lua.lua_setfield(L, -2, writeCString(vm, name))
  }
}

/** Runs prelude.lua(loaded, host functions); what it returns, to be called when all libraries are open, is on the stack. */
function beginPrelude(vm: Vm, L: LuaState): void {
  const { lua, functions } = vm
  vm.source.begin(readFileSync(new URL('./prelude.lua', import.meta.url)))
  pushText(vm, L, '=prelude')
  // The name and the mode lie in Lua strings that stay on the stack while lua_load reads them.
  const name = lua.lua_tolstring(L, -1, 0)
  pushText(vm, L, 't')
  const status = lua.lua_load(L, functions.read, 0, name, lua.lua_tolstring(L, -1, 0))
  vm.source.end()
  if (status !== LUA_OK) fail(`prelude.lua: ${readText(vm, L, -1, 1024)}`)
  lua.lua_pushvalue(L, LOADED)
  pushFunctions(vm, L, [
    'print',
    'clock',
    'cacheGet',
    'cachePut',
    'cachePutTtl',
    'load',
    'collectgarbage',
    'date',
  ])
  call(vm, L, 2, 1)
  lua.lua_copy(L, -1, LOADED + 1)
  lua.lua_settop(L, LOADED + 1)
}

/** Calls what `beginPrelude` left, which must be on top of the stack. */
function endPrelude(vm: Vm, L: LuaState): void {
  const { lua } = vm
  pushFunctions(vm, L, vm.budget.isCounting ? ['create', 'wrap'] : [])
  // Lua's own function behind it looks for the generator in its first upvalue.
  lua.lua_getfield(L, LUA_REGISTRYINDEX, writeCString(vm, 'moonpool.random'))
  lua.lua_pushcclosure(L, vm.functions.randomseed, 1)
  lua.lua_setfield(L, -2, writeCString(vm, 'randomseed'))
  call(vm, L, 1, 0)
}

/** With what the allocator keeps for itself: how far behind it the next piece lies. */
const sizeOfPiece = (vm: Vm, piece: Pointer): number => vm.words[(piece - PIECE_HEAD_BYTES) >>> 2] as number

/**
 * Takes what is free inside the heap, for good. Whatever is allocated from now on lies behind the base state, in one
 * piece, which makes an image's difference from the base small.
 */
function fillHoles(vm: Vm): void {
  const { lua } = vm
  const end = heapEnd(vm)
  const taken: Pointer[] = []
  while (heapEnd(vm) === end) {
    const piece = lua.malloc(SMALLEST_HOLE_BYTES)
    if (piece === 0) fail('not enough memory')
    taken.push(piece)
  }
  // What lies behind the last object is no hole.
  taken.sort((a, b) => b - a)
  let below = 0
  for (const piece of taken) {
    if (below !== 0 && piece + sizeOfPiece(vm, piece) !== below) break
    lua.free(piece)
    below = piece
  }
}

/**
 * Makes the base state in a VM that has none: afterwards its stacks are empty and its memory is ready to be captured.
 * `names`: strings to begin with, so that they lie together. Throws `MOONPOOL_START`.
 */
export function createBaseState(vm: Vm, names: readonly Uint8Array[]): void {
  const { lua } = vm
  // First, so that it lies in front of all that each restore copies.
  const scratch = lua.malloc(vm.scratchBytes)
  if (scratch === 0) fail('not enough memory')
  // Lua mixes the time into its seed for string hashes: a random time makes the seed differ between engines.
  vm.wallClockMs = () => randomInt(MAX_WALL_CLOCK_MS)
  const L = lua.luaL_newstate()
  vm.wallClockMs = Date.now
  if (L === 0) fail('not enough memory')
  vm.adopt({ ...vm.addresses, mainState: L, scratch })
  fixStrings(vm, names)

  switchOffFinalizers(vm, L)
  lua.lua_createtable(L, 0, 8)
  lua.lua_pushvalue(L, LOADED)
  setRegistry(vm, L, '_LOADED')
  // Only `loaded` knows os and debug; the prelude takes from them what scripts may have, the rest is garbage, and what
  // is opened afterwards fills its place.
  openLibraries(vm, L, { _G: lua.luaopen_base, os: lua.luaopen_os, debug: lua.luaopen_debug })
  const early = {
    load: findCFunction(vm, L, '_G', 'load'),
    collectgarbage: findCFunction(vm, L, '_G', 'collectgarbage'),
    date: findCFunction(vm, L, 'os', 'date'),
    traceback: findCFunction(vm, L, 'debug', 'traceback'),
  }
  vm.adopt({ ...vm.addresses, natives: { ...vm.addresses.natives, ...early } })
  beginPrelude(vm, L)
  collectGarbage(vm)
  openGlobally(vm, L)
  const natives: Record<NativeName, number> = {
    ...early,
    randomseed: findCFunction(vm, L, 'math', 'randomseed'),
    create: findCFunction(vm, L, 'coroutine', 'create'),
    wrap: findCFunction(vm, L, 'coroutine', 'wrap'),
  }
  const randomState = anchorRandomState(vm, L)
  endPrelude(vm, L)
  lua.lua_settop(L, 0)

  lua.lua_sethook(L, vm.functions.hook, LUA_MASKCOUNT, SLICE_INSTRUCTIONS)
  const runThread = lua.lua_newthread(L)
  setRegistry(vm, L, 'moonpool.run')
  const masked = vm.budget.isCounting ? [L] : [L, runThread]
  for (const state of masked) vm.words[(state + STATE.hookmask) >>> 2] = 0
  vm.adopt({ mainState: L, runThread, scratch, randomState, natives })
  collectGarbage(vm)
  fillHoles(vm)
}
