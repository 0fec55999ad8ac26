// A script that does not end is ended, and nobody else notices: inside its VM wherever Lua's own code runs (soft: the same
// thread and the same VM go on), with its thread where one C function does not come back (hard).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Engine } from '../../src/index.js'
import {
  assertNothingLeft,
  type InspectedEngine,
  startInspectedEngine,
  untilReady,
} from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

/** Long enough that no busy machine comes to the hard stage where the soft one works. */
const LONG_GRACE_MS = 60_000

const nest = (depth: number, innermost: string): string =>
  `local function nest(n)
     if n == 0 then ${innermost} end
     return coroutine.wrap(function() return nest(n - 1) end)()
   end
   return nest(${depth})`

/** Bodies of main, and the line at which each is found. */
const SOFT: Record<string, string> = {
  'a plain loop': 'while true do end',
  'a numeric loop': 'for i = 1, math.maxinteger do end',
  'a generic loop': 'local function same() return 1 end for _ in same do end',
  'a goto': '::top:: goto top',
  'endless tail calls': 'local function f() return f() end return f()',
  'a loop that calls': 'local function f() end while true do f() end',
  'a loop around pcall': 'while true do pcall(function() while true do end end) end',
  'a loop of errors in pcall': 'while true do pcall(error, "again") end',
  'a hundred nested pcalls':
    'local function f(n) if n == 0 then while true do end end while true do pcall(f, n - 1) end end f(100)',
  'a looping error handler': 'xpcall(function() error("x") end, function() while true do end end)',
  'an error handler of errors': 'local function f() error("x") end while true do xpcall(f, f) end',
  'a coroutine': 'coroutine.wrap(function() while true do end end)()',
  'a resumed coroutine': 'coroutine.resume(coroutine.create(function() while true do end end))',
  'coroutines without end': 'while true do coroutine.wrap(function() end)() end',
  'a generator without end':
    'for _ in coroutine.wrap(function() while true do coroutine.yield(1) end end) do end',
  'two that yield to each other': `local a = coroutine.create(function() while true do coroutine.yield() end end)
     while true do coroutine.resume(a) end`,
  '10 nested coroutines': nest(10, 'while true do end'),
  '100 nested coroutines': nest(100, 'while true do end'),
  'as many nested coroutines as Lua allows': `local function deeper() pcall(coroutine.wrap(deeper)) while true do end end deeper()`,
  'a coroutine in a pcall in a coroutine': `coroutine.wrap(function() while true do pcall(coroutine.wrap(function() while true do end end)) end end)()`,
  'an endless close': 'local x <close> = setmetatable({}, { __close = function() while true do end end })',
  'a close after an error':
    'local x <close> = setmetatable({}, { __close = function() while true do end end }) error("x")',
  'a close in coroutine.close': `local co = coroutine.create(function()
       local x <close> = setmetatable({}, { __close = function() while true do end end }) coroutine.yield()
     end)
     coroutine.resume(co) coroutine.close(co)`,
  'an endless __index': 'return setmetatable({}, { __index = function() while true do end end }).a',
  'an endless __eq, __lt, __concat': `local function f() while true do end end
     local t = setmetatable({}, { __concat = f }) return pcall(function() return t .. "x" end)`,
  'an endless __tostring in print':
    'print(setmetatable({}, { __tostring = function() while true do end end }))',
  'an endless __tostring in tostring':
    'return tostring(setmetatable({}, { __tostring = function() while true do end end }))',
  'an endless __pairs':
    'for _ in pairs(setmetatable({}, { __pairs = function() while true do end end })) do end',
  'a comparison in table.sort': 'table.sort({ 3, 2, 1 }, function() while true do end end)',
  'a replacement in gsub': '("aaa"):gsub("a", function() while true do end end)',
  'a reader of load': 'load(function() while true do end end)',
  'an endless reader of load': 'load(function() return " " end)',
  'a loop of strings': 'local s while true do s = ("x"):rep(1000):upper() end',
  'a loop of garbage': 'while true do local t = { {}, {} } end',
  'a loop that reads the cache': 'while true do cache.get("k") end',
  'a loop that writes to the cache': 'while true do cache.put("k", 1) end',
  'a loop that prints': 'while true do print("x") end',
  'deep recursion, again and again':
    'local function f(n) return n == 0 and 0 or 1 + f(n - 1) end while true do f(10000) end',
}

const HARD: Record<string, string> = {
  'pattern backtracking': 'return (("a"):rep(10000)):find(".-.-.-.-b$")',
  'one endless table.move': 'table.move({}, 1, math.maxinteger - 1, 2)',
  'a table that is called itself': 'local t = {} setmetatable(t, { __call = t }) return pcall(t)',
  'pattern backtracking in nested coroutines': nest(3, 'return (("a"):rep(10000)):find(".-.-.-.-b$")'),
}

const DOUBLE = 'function double(n) return 2 * n end'

/** Runs the body until it is stopped, with 100 runs of another tenant behind it on the same thread. */
async function stop(engine: Engine, body: string): Promise<{ line?: number; traceback?: string }> {
  const script = await engine.load(`function main(n)\n${body}\nend ${DOUBLE}`, { name: 'loop.lua' })
  const stopped = rejection(
    script.run(1, { timeoutMs: 30, cachePrefix: 'hostile' }),
    'MOONPOOL_TIMEOUT',
    /^loop\.lua(:\d+)?: stopped after 30 ms: do less in one run, or raise timeoutMs$/,
  )
  const others = Array.from({ length: 100 }, (_, i) => script.call('double', [i], { cachePrefix: 'other' }))
  const error = await stopped
  assert.deepEqual(
    await Promise.all(others),
    others.map((_, i) => [2 * i]),
  )
  return error
}

/** The thread that is there, and the VM. */
async function identityOf({ parts }: InspectedEngine): Promise<unknown> {
  const [slot] = parts.slots.all
  assert(slot !== undefined)
  const report = await parts.slots.report(slot)
  return { threadId: slot.worker?.threadId, droppedVms: report?.droppedVms, tableLength: report?.tableLength }
}

test('T6: inside Lua: stopped where it is, and thread and VM go on', async (t) => {
  const inspected = await startInspectedEngine(t, { limits: { graceMs: LONG_GRACE_MS }, onPrint: () => {} })
  const before = await identityOf(inspected)
  for (const [name, body] of Object.entries(SOFT)) {
    await t.test(name, async () => {
      const { line, traceback } = await stop(inspected.engine, body)
      const lastLine = body.split('\n').length + 1
      assert(line !== undefined && line >= 2 && line <= lastLine, `line ${line}`)
      assert.match(traceback ?? '', /^stack traceback:\n(.*\n)*\tloop\.lua:\d+: in /)
      assertNothingLeft(inspected.parts)
      assert.deepEqual(await identityOf(inspected), before)
    })
  }
})

for (const [name, body] of Object.entries(HARD)) {
  test(`T6: inside one C function: ${name} ends its thread`, async (t) => {
    const inspected = await startInspectedEngine(t, { limits: { graceMs: 20 } })
    const before = await identityOf(inspected)
    const { line } = await stop(inspected.engine, body)
    assert.equal(line, undefined, 'nobody could look where it was')
    await untilReady(inspected.parts)
    assert.notDeepEqual(await identityOf(inspected), before)
    assertNothingLeft(inspected.parts)
  })
}

test('T7: an abort takes the same two stages', async (t) => {
  for (const [body, isSoft] of [
    ['while true do pcall(function() while true do end end) end', true],
    ['return (("a"):rep(10000)):find(".-.-.-.-b$")', false],
  ] as const) {
    const limits = { graceMs: isSoft ? LONG_GRACE_MS : 20 }
    let onStarted = (): void => {}
    const isStarted = new Promise<void>((resolve) => {
      onStarted = resolve
    })
    const inspected = await startInspectedEngine(t, { limits, onPrint: () => onStarted() })
    const before = await identityOf(inspected)
    const abortion = new AbortController()
    const options = { signal: abortion.signal, timeoutMs: 600_000 }
    const run = rejection(inspected.engine.eval(`print("started") ${body}`, [], options), 'MOONPOOL_ABORTED')
    await isStarted
    // An abort between the line and the call would stop it softly.
    if (!isSoft) await new Promise((resolve) => setTimeout(resolve, 50))
    abortion.abort('enough')
    assert.equal((await run).cause, 'enough')
    await untilReady(inspected.parts)
    const after = await identityOf(inspected)
    if (isSoft) assert.deepEqual(after, before)
    else assert.notDeepEqual(after, before)
    assertNothingLeft(inspected.parts)
  }
})

test('a __gc has no effect, so it cannot loop', async (t) => {
  const { engine } = await startInspectedEngine(t)
  const source = `for i = 1, 1e5 do setmetatable({}, { __gc = function() while true do end end }) end return "over"`
  assert.equal(await engine.eval(source), 'over')
})

test('no metamethod runs while an error is reported or a result is converted', async (t) => {
  const { engine } = await startInspectedEngine(t)
  const looping = `setmetatable({ a = 1 }, setmetatable({}, { __index = function() while true do end end }))`
  assert.deepEqual(await engine.eval(`return ${looping}`), { a: 1 })
  const all = '__tostring = f, __name = f, __pairs = f, __index = f, __len = f, __close = f'
  const hostile = `local function f() while true do end end local t = setmetatable({ a = 1 }, { ${all} })`
  assert.deepEqual(await engine.eval(`${hostile} return t`), { a: 1 })
  const error = await rejection(engine.eval(`${hostile} error(t)`), 'MOONPOOL_LUA_ERROR')
  assert.deepEqual(error.value, { a: 1 })
})

test('a top level that does not end rejects the load under the same limit, in the same thread', async (t) => {
  const limits = { timeoutMs: 60, graceMs: LONG_GRACE_MS }
  const inspected = await startInspectedEngine(t, { limits })
  const { engine, parts } = inspected
  const before = await identityOf(inspected)
  const load = engine.load('local x = 1\nwhile true do end', { name: 'top.lua' })
  const error = await rejection(load, 'MOONPOOL_TIMEOUT', /^top\.lua:2: .*limits\.timeoutMs/)
  assert.equal(error.line, 2)
  assert.equal(parts.images.size, 0)
  assert.equal(await engine.eval('return 1'), 1)
  assertNothingLeft(parts)
  assert.deepEqual(await identityOf(inspected), before)
})

test('a chunk that does not end, and the next one of the same source', async (t) => {
  const inspected = await startInspectedEngine(t, { limits: { graceMs: LONG_GRACE_MS } })
  const before = await identityOf(inspected)
  for (let i = 0; i < 3; i++) {
    const run = inspected.engine.eval('while ... do end return "over"', [i < 2], { timeoutMs: 30 })
    if (i < 2) await rejection(run, 'MOONPOOL_TIMEOUT')
    else assert.equal(await run, 'over')
  }
  assert.deepEqual(await identityOf(inspected), before)
})

test('T6: what it had put before stays', async (t) => {
  const { engine } = await startInspectedEngine(t, { threads: 2 })
  const options = { cachePrefix: 'tenant', timeoutMs: 300 }
  for (const loop of ['while true do end', 'return (("a"):rep(10000)):find(".-.-.-.-b$")']) {
    const run = engine.eval(`cache.put("k", "before") ${loop}`, [], options)
    await rejection(run, 'MOONPOOL_TIMEOUT')
    assert.equal(await engine.eval('return cache.get("k")', [], options), 'before')
  }
})

test('writes of a loop that never ends do not stop the others', async (t) => {
  const { engine } = await startInspectedEngine(t, { threads: 2 })
  const source = 'local i = 0 while true do i = i + 1 cache.put("k" .. i % 100, i) end'
  const run = engine.eval(source, [], { cachePrefix: 'flood', timeoutMs: 200 })
  const flood = rejection(run, 'MOONPOOL_TIMEOUT')
  const others = Array.from({ length: 200 }, (_, i) =>
    engine.eval('cache.put("k", ...) return cache.get("k")', [i], { cachePrefix: `other${i}` }),
  )
  assert.deepEqual(
    await Promise.all(others),
    others.map((_, i) => i),
  )
  await flood
})
