// What is told of a failed run: every kind of error value, bounded, without running any Lua.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVm } from '../../../workers/vm/base-image.js'
import { describeError, loadChunk, resumeRun, TRAPPED } from '../../../workers/vm/execution.js'
import { restoreImage } from '../../../workers/vm/restoring.js'
import { LuaWorld, readBytes, SILENT_HOST } from '../../support/lua-world.js'

const world = new LuaWorld()
const MEMORY_MESSAGE = 'not enough memory: keep less, or raise limits.memoryBytes'

/** Source of the raise, on line 2 → what is told. */
const KINDS: readonly (readonly [string, string])[] = [
  ['error("text")', 'test.lua:2: text'],
  ['error("text", 0)', 'text'],
  ['error("text", 2)', 'text'],
  ['error("")', 'test.lua:2: '],
  ['error("", 0)', 'test.lua:2: (error with an empty message)'],
  ['error()', 'test.lua:2: (error object is a nil value)'],
  ['error(nil)', 'test.lua:2: (error object is a nil value)'],
  ['error(true)', 'test.lua:2: (error object is a boolean value)'],
  ['error(12)', 'test.lua:2: 12'],
  ['error(1.5)', 'test.lua:2: 1.5'],
  ['error({})', 'test.lua:2: (error object is a table value)'],
  ['error(print)', 'test.lua:2: (error object is a function value)'],
  ['error(function() end)', 'test.lua:2: (error object is a function value)'],
  ['error((coroutine.running()))', 'test.lua:2: (error object is a thread value)'],
  ['local x; x.y = 1', "test.lua:2: attempt to index a nil value (local 'x')"],
  ['return 1 < {}', 'test.lua:2: attempt to compare number with table'],
  ['string.rep()', "test.lua:2: bad argument #1 to 'rep' (string expected, got no value)"],
  ['return ("x"):rep(1 << 31)', 'test.lua:2: resulting string too large'],
  ['coroutine.yield()', 'test.lua:2: attempt to yield from outside a coroutine'],
  ['assert(false)', 'test.lua:2: assertion failed!'],
  ['assert(nil, "mine")', 'test.lua:2: mine'],
]

for (const [source, expected] of KINDS) {
  test(`${source} is told as ${expected}`, () => {
    const failure = world.failure(`\n${source}`)
    assert.equal(failure.code, 'MOONPOOL_LUA_ERROR')
    assert.equal(failure.message, expected)
    assert.equal(failure.line, 2)
    assert.match(failure.traceback, /^stack traceback:\n/)
    assert.equal(failure.hasTableValue, source === 'error({})')
    assert.equal(world.vm.condemned, false)
  })
}

test('no metamethod of an error value runs', () => {
  const failure = world.failure(`
    error(setmetatable({}, {
      __tostring = function() while true do end end,
      __name = "mine",
      __index = function() while true do end end,
    }))`)
  assert.equal(failure.message, 'test.lua:2: (error object is a table value)')
})

test('a table stays on top of the stack', () => {
  assert.equal(world.failure('error({ code = 7 })').hasTableValue, true)
  const { lua, runThread } = world.vm
  lua.lua_getfield(runThread, -1, textAt('code'))
  assert.equal(lua.lua_tonumberx(runThread, -1, 0), 7)
})

function textAt(text: string): number {
  world.vm.bytes.write(`${text}\0`, world.vm.scratch)
  return world.vm.scratch
}

test('long messages are cut between characters, and never grow', () => {
  for (const unit of ['x', 'é', '€', '😀', '\\xff', '\\xe2\\x82']) {
    for (const shift of ['', 'a', 'ab', 'abc']) {
      const { message } = world.failure(`error("${shift}" .. ("${unit}"):rep(3000000), 0)`)
      assert.ok(Buffer.byteLength(message) <= 4096, `${unit} ${Buffer.byteLength(message)}`)
      assert.ok(message.length > 600, unit)
      if (!unit.startsWith('\\')) assert.ok(!message.includes('\uFFFD'), unit)
    }
  }
})

test('tracebacks are bounded', () => {
  const { traceback } = world.failure(`
    local function deep(n) if n == 0 then error("x") end return (deep(n - 1)) end
    deep(10000)`)
  assert.ok(traceback.length < 8192 && traceback.includes('...'))
  const named = world.failure(`_G[("n"):rep(1000000)] = function() error("x") end _G[("n"):rep(1000000)]()`)
  assert.ok(Buffer.byteLength(named.traceback) <= 8192)
})

test('the line is found where the message has none', () => {
  assert.equal(world.failure('\n\nload("error(1)")()').line, 3)
  assert.equal(world.failure('\n\nload("error(\'x\', 0)")()').line, 3)
  assert.equal(world.failure('\n\nlocal co = coroutine.wrap(function()\nerror("x") end)\nco()').line, 5)
})

test('not enough memory has a code of its own, whichever way it comes', () => {
  const grow = 'local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(10000) .. i end'
  for (const source of [
    grow,
    'return ("x"):rep(1e9)',
    `return coroutine.wrap(function() ${grow} end)()`,
    `local ok, reason = coroutine.resume(coroutine.create(function() ${grow} end)) error(reason, 0)`,
    `local ok, reason = pcall(function() ${grow} end) error(reason, 0)`,
    'error("not enough memory", 0)',
  ]) {
    const { code, message } = world.failure(source)
    assert.equal(code, 'MOONPOOL_MEMORY', source)
    assert.equal(message, MEMORY_MESSAGE)
    assert.equal(world.vm.condemned, false)
  }
  assert.equal(world.failure('error("not enough memory")').code, 'MOONPOOL_LUA_ERROR')
  assert.equal(world.failure('error("not enough memory!", 0)').code, 'MOONPOOL_LUA_ERROR')
})

test('not enough memory can be caught, and the run goes on', () => {
  assert.deepEqual(world.run('return pcall(string.rep, "x", 1e9)'), [false, 'not enough memory'])
})

test('errors in error handling are ordinary errors', () => {
  assert.deepEqual(world.run('return xpcall(error, error, 1)'), [false, 'error in error handling'])
  for (const source of [
    'error(select(2, xpcall(function() local x; x() end, function() local y; y() end)), 0)',
    'local function h(m) return h(m) + error(m) end error(select(2, xpcall(error, h)), 0)',
  ]) {
    const { code, message } = world.failure(source)
    assert.equal(code, 'MOONPOOL_LUA_ERROR')
    assert.ok(message.length > 0)
    assert.equal(world.vm.condemned, false)
  }
})

test('pending close variables are closed after an error, and may replace it', () => {
  let printed: string[] = []
  const printing = new LuaWorld(64 * 2 ** 20, (vm) => ({
    ...SILENT_HOST,
    print: (L) => {
      printed.push(readBytes(vm, L, 1))
      return 0
    },
  }))
  const closing = (body: string): string =>
    `local a <close> = setmetatable({}, { __close = function(_, reason) print("a " .. tostring(reason)) end })
     local b <close> = setmetatable({}, { __close = function(_, reason) print("b " .. tostring(reason)) ${body} end })`
  assert.equal(printing.failure(`${closing('')} error("first", 0)`).message, 'first')
  assert.deepEqual(printed, ['b first', 'a first'])
  printed = []
  const replaced = printing.failure(`${closing('error("second", 0)')} error("first", 0)`)
  assert.equal(replaced.message, 'second')
  assert.deepEqual(printed, ['b first', 'a second'])
  printed = []
  assert.match(printing.failure(`${closing('')} coroutine.yield(1)`).message, /outside a coroutine/)
  assert.deepEqual(printed, ['b nil', 'a nil'])
  printed = []
  assert.match(
    printing.failure(`${closing('coroutine.yield()')} error("first", 0)`).message,
    /attempt to yield/,
  )
  assert.equal(printing.vm.condemned, false)
})

test('close variables run after a C stack overflow', () => {
  const { message } = world.failure(`
    local a <close> = setmetatable({}, { __close = function() error("closed", 0) end })
    local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end })
    return t[1]`)
  assert.equal(message, 'closed')
})

test('what a host function throws ends the run and condemns the VM', () => {
  const thrown: unknown[] = [new RangeError('x'), new TypeError('no such thing'), 'text', undefined]
  const messages = [
    'stack overflow',
    'the VM failed: no such thing',
    'a host function failed',
    'a host function failed',
  ]
  for (const [index, reason] of thrown.entries()) {
    const vm = createVm(world.module, world.base, () => ({
      ...SILENT_HOST,
      print: () => {
        throw reason
      },
    }))
    assert.equal(loadChunk(vm, Buffer.from('pcall(print)'), 'test.lua'), undefined)
    const { status, resultCount } = resumeRun(vm, 0)
    assert.deepEqual([status, resultCount, vm.condemned], [TRAPPED, 0, true])
    assert.equal(vm.thrown, reason)
    const { code, message } = describeError(vm, status)
    assert.deepEqual([code, message], ['MOONPOOL_LUA_ERROR', messages[index]])
  }
})

test('a trap of the wasm ends the run and condemns the VM', () => {
  const vm = createVm(world.module, world.base, (itself) => ({
    ...SILENT_HOST,
    print: (L) => {
      // As a bug of Lua might: the stack pointer of the state leads nowhere.
      itself.words[(L + 12) >>> 2] = 0xffff_fff0
      itself.lua.lua_pushnil(L)
      return 0
    },
  }))
  loadChunk(vm, Buffer.from('print()'), 'test.lua')
  const { status } = resumeRun(vm, 0)
  assert.equal(status, TRAPPED)
  assert.match(describeError(vm, status).message, /^the VM trapped: /)
  assert.equal(vm.condemned, true)
  restoreImage(vm, world.base)
  loadChunk(vm, Buffer.from('return 1'), 'test.lua')
  assert.equal(resumeRun(vm, 0).status, 0)
})
