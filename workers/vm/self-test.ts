// Before its first script every VM proves that the wasm is what the offsets say and that an image undoes a run. A
// failure refuses to start: a VM that cannot be restored would mix tenants.

import { createError } from '../../src/errors.js'
import { ByteWriter, encodeValue } from '../../src/shared/values.js'
import { describeError, loadChunk, resumeRun } from './execution.js'
import type { Image } from './image.js'
import {
  HEAP_END_AT,
  STATE,
  STRING_HEADER_BYTES,
  TAG_FALSE,
  TAG_FLOAT,
  TAG_INTEGER,
  TAG_LONG_STRING,
  TAG_SHORT_STRING,
  TAG_TRUE,
  TVALUE_BYTES,
  TVALUE_TAG,
} from './layout.js'
import { LUA_MASKCOUNT, LUA_OK } from './lua.js'
import { findDifference, restoreImage } from './restoring.js'
import { bytesInUse, collectGarbage } from './settling.js'
import { pushText, writeCString } from './text.js'
import type { Vm } from './vm.js'

const INTEGER = 0x0102_0304_0506_0708n
const FLOAT = 1.0625
const SHORT_TEXT = 'short'
const LONG_TEXT = 'long '.repeat(20)
const MADE_TEXT = 'made '.repeat(20)
const LARGE_BYTES = 300_000

function check(holds: boolean, what: string): void {
  if (!holds) throw createError('MOONPOOL_START', `the VM's self test failed: ${what}`)
}

/** Address of the TValue on top of the run thread's stack. */
const topValue = (vm: Vm): number => (vm.words[(vm.runThread + STATE.top) >>> 2] as number) - TVALUE_BYTES

function testValues(vm: Vm): void {
  const { lua, runThread, view, bytes } = vm
  const tag = (): number => view.getUint8(topValue(vm) + TVALUE_TAG)
  lua.lua_pushinteger(runThread, INTEGER)
  check(tag() === TAG_INTEGER && view.getBigInt64(topValue(vm), true) === INTEGER, 'an integer')
  lua.lua_pushnumber(runThread, FLOAT)
  check(tag() === TAG_FLOAT && view.getFloat64(topValue(vm), true) === FLOAT, 'a float')
  lua.lua_pushboolean(runThread, 0)
  check(tag() === TAG_FALSE, 'false')
  lua.lua_pushboolean(runThread, 1)
  check(tag() === TAG_TRUE, 'true')
  for (const [text, expected] of [
    [SHORT_TEXT, TAG_SHORT_STRING],
    [LONG_TEXT, TAG_LONG_STRING],
  ] as const) {
    pushText(vm, runThread, text)
    const characters = view.getUint32(topValue(vm), true) + STRING_HEADER_BYTES
    // Bit 6 of the tag only says that the value is collectable.
    check(tag() === expected, `the tag of '${text}'`)
    check(bytes.toString('latin1', characters, characters + text.length) === text, `the text '${text}'`)
  }
  lua.lua_settop(runThread, 0)
}

function testHeap(vm: Vm): void {
  const before = vm.words[HEAP_END_AT >>> 2] as number
  const address = vm.lua.malloc(LARGE_BYTES)
  check(address !== 0 && (vm.words[HEAP_END_AT >>> 2] as number) >= before + LARGE_BYTES, 'the heap end')
  vm.bytes.fill(0xff, address, address + LARGE_BYTES)
}

/** Lua's own count of its memory must be the sum of the counters that settling moves. */
function testCount(vm: Vm): void {
  const { lua, runThread } = vm
  for (let round = 0; round < 2; round++) {
    const inUse = bytesInUse(vm)
    lua.lua_pushcclosure(runThread, vm.addresses.natives.collectgarbage, 0)
    pushText(vm, runThread, 'count')
    const status = lua.lua_pcallk(runThread, 1, 1, 0, 0, 0)
    const counted = lua.lua_tonumberx(runThread, -1, 0) * 1024
    check(status === LUA_OK && counted >= inUse && counted < inUse + 256, 'the count of memory')
    lua.lua_settop(runThread, 0)
    collectGarbage(vm)
  }
}

function testHook(vm: Vm): void {
  const runMask = vm.budget.isCounting ? LUA_MASKCOUNT : 0
  for (const [state, mask] of [
    [vm.mainState, 0],
    [vm.runThread, runMask],
  ] as const) {
    check(vm.words[(state + STATE.hook) >>> 2] === vm.functions.hook, 'the hook is set')
    check(vm.words[(state + STATE.hookmask) >>> 2] === mask, 'the hook is masked')
  }
}

/** Runs `source`, which returns true when all is well. */
function testChunk(vm: Vm, source: string, what: string): void {
  const failure = loadChunk(vm, Buffer.from(source), 'self-test')
  check(failure === undefined, `${what}: ${failure?.message}`)
  const { status } = resumeRun(vm, 0)
  check(status === LUA_OK, `${what}: ${status === LUA_OK ? '' : describeError(vm, status).message}`)
  check(vm.lua.lua_toboolean(vm.runThread, -1) === 1, what)
  vm.lua.lua_settop(vm.runThread, 0)
}

const SPOIL = `
  left = setmetatable({}, { __gc = function() finalized = true end })
  left = nil
  string.format = nil
  getmetatable(setmetatable(_G, { __index = function() return 1 end })).__newindex = print
  local pending = coroutine.create(function() local x <close> = setmetatable({}, { __close = print }) coroutine.yield() end)
  coroutine.resume(pending)
  local ok, reason = pcall(string.rep, "x", 1 << 40)
  return not ok and load("\\27Lua") == nil and load("return 1", "x", "b") == nil and ("x"):rep(100000):len() == 100000`

const NATIVE = `
  local fields, items, seen = native.fields, native.items, 0
  for k, v in pairs(fields) do seen = seen + 1 end
  for n = 0, 99 do if fields["field " .. n] ~= n then return false end end
  return made == ("made "):rep(20) and #made == 100 and seen == 100 and #items == 4 and items[1] == "x" and items[2] == 2 and items[3] == 3.5 and items[4] == true`

const PRISTINE = `
  return rawget(_G, "left") == nil and getmetatable(_G) == nil and string.format("%d", 3) == "3"
    and io == nil and require == nil and os.execute == nil and debug.getregistry == nil and string.dump == nil`

/** Makes a long string natively, and a table with more fields than fit without collisions, and lets Lua look at them. */
function testNative(vm: Vm): void {
  const fields = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`field ${n}`, n]))
  const out = new ByteWriter()
  encodeValue({ fields, items: ['x', 2, 3.5, true] }, out, vm.scratchBytes, 'self-test')
  vm.bytes.set(out.slice(), vm.scratch)
  const end = vm.native.pushValues(vm.runThread, vm.scratch, vm.scratch + out.length, 1)
  check(end === vm.scratch + out.length, 'the native code reads a value')
  vm.lua.lua_setglobal(vm.runThread, writeCString(vm, 'native'))
  vm.bytes.write(MADE_TEXT, vm.native.newLongString(vm.runThread, MADE_TEXT.length), 'latin1')
  vm.lua.lua_setglobal(vm.runThread, writeCString(vm, 'made'))
  testChunk(vm, NATIVE, 'a table and a string made natively')
}

/** Throws `MOONPOOL_START` saying what failed; otherwise leaves the VM at the image it was given. */
export function testVm(vm: Vm, base: Image): void {
  restoreImage(vm, base)
  testValues(vm)
  testHook(vm)
  testCount(vm)
  testHeap(vm)
  restoreImage(vm, base)
  testNative(vm)
  testChunk(vm, SPOIL, 'a run that spoils its world')
  collectGarbage(vm)
  testChunk(vm, 'return rawget(_G, "finalized") == nil', 'finalizers are off')
  restoreImage(vm, base)
  const difference = findDifference(vm, base)
  check(difference === undefined, `address ${difference} was not restored`)
  testChunk(vm, PRISTINE, 'a restored world')
  restoreImage(vm, base)
  check(!vm.condemned, 'something other than an error of Lua left a run')
}
