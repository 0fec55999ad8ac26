// A script that does not end is ended, and nobody else notices.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertNothingLeft, startInspectedEngine, untilReady } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

const LOOPS: Record<string, string> = {
  'a plain loop': 'while true do end',
  'a loop around pcall': 'while true do pcall(function() while true do end end) end',
  'a looping error handler': 'xpcall(function() error("x") end, function() while true do end end)',
  'a coroutine': 'coroutine.wrap(function() while true do end end)()',
  'pattern backtracking': 'return (("a"):rep(10000)):find(".-.-.-.-b$")',
  'one endless table.move': 'table.move({}, 1, math.maxinteger - 1, 2)',
  'an endless close': 'local x <close> = setmetatable({}, { __close = function() while true do end end })',
  'an endless __index': 'return setmetatable({}, { __index = function() while true do end end }).a',
}

describe('script-never-returns', () => {
  for (const [name, body] of Object.entries(LOOPS)) {
    test(`${name} is stopped with MOONPOOL_TIMEOUT, and the 100 behind it finish`, async (t) => {
      const { engine, parts } = await startInspectedEngine(t)
      const script = await engine.load(`function main(n) ${body} end function double(n) return 2 * n end`, {
        name: 'loop.lua',
      })
      const stopped = rejection(
        script.run(1, { timeoutMs: 60 }),
        'MOONPOOL_TIMEOUT',
        /^loop\.lua: stopped after 60 ms/,
      )
      const others = Array.from({ length: 100 }, (_, i) => script.call('double', [i]))
      await stopped
      assert.deepEqual(
        await Promise.all(others),
        others.map((_, i) => [2 * i]),
      )
      assertNothingLeft(parts)
    })
  }

  test('a top level that does not end rejects the load under the same limit', async (t) => {
    const { engine, parts } = await startInspectedEngine(t, { limits: { timeoutMs: 60 } })
    const load = engine.load('while true do end', { name: 'top.lua' })
    await rejection(load, 'MOONPOOL_TIMEOUT', /limits\.timeoutMs/)
    assert.equal(parts.images.size, 0)
    assert.equal(await engine.eval('return 1'), 1)
    assertNothingLeft(parts)
  })

  test('what it had put before stays, and the thread is replaced', async (t) => {
    const { engine, parts } = await startInspectedEngine(t, { threads: 2 })
    const options = { cachePrefix: 'tenant', timeoutMs: 60 }
    const run = engine.eval('cache.put("k", "before") while true do end', [], options)
    await rejection(run, 'MOONPOOL_TIMEOUT')
    assert.equal(await engine.eval('return cache.get("k")', [], options), 'before')
    await untilReady(parts, 2)
    assert.equal(engine.stats().threads, 2)
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
})
