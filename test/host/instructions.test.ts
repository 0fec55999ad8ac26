// limits.instructions: the same work is the same number everywhere, nothing gets around it, and it does not last.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Engine } from '../../src/index.js'
import { startEngine } from '../support/engine.js'
import { rejection } from '../support/rejection.js'

const LIMIT = 100_000

const start = (t: Parameters<typeof startEngine>[0], instructions = LIMIT): Promise<Engine> =>
  startEngine(t, { limits: { instructions } })

test('a run below the limit ends, one above is stopped where it is', async (t) => {
  const engine = await start(t)
  const script = await engine.load(
    'function main(n)\nlocal s = 0\nfor i = 1, n do s = s + i end\nreturn s end',
    {
      name: 'sum.lua',
    },
  )
  assert.equal(await script.run(40_000), 800_020_000)
  const error = await rejection(
    script.run(60_000),
    'MOONPOOL_INSTRUCTIONS',
    /^sum\.lua:3: stopped after 100000 instructions: do less in one run, or raise limits\.instructions$/,
  )
  assert.equal(error.line, 3)
  assert.match(error.traceback ?? '', /sum\.lua:3: in function 'main'/)
  assert.equal(await script.run(40_000), 800_020_000, 'each run has its own')
})

/** Loops whose limit nothing lifts; each body is the whole of a chunk. */
const ESCAPES: Record<string, string> = {
  'a plain loop': 'while true do end',
  pcall: 'while true do pcall(function() while true do end end) end',
  'pcall of errors': 'while true do pcall(error, "x") end',
  'an error handler': 'xpcall(function() error("x") end, function() while true do end end)',
  'a coroutine': 'coroutine.wrap(function() while true do end end)()',
  'many short coroutines': 'while true do coroutine.wrap(function() end)() end',
  'many short coroutines by create': 'while true do coroutine.resume(coroutine.create(function() end)) end',
  'coroutine.wrap of coroutine.wrap': 'while true do coroutine.wrap(coroutine.wrap)(function() end) end',
  'a close': 'local x <close> = setmetatable({}, { __close = function() while true do end end })',
  'a sort':
    'local t = {} for i = 1, 1000 do t[i] = -i end table.sort(t, function(a, b) for i = 1, 100 do end return a < b end)',
  'a gsub': '(("a"):rep(1000)):gsub("a", function() for i = 1, 1000 do end end)',
  'a reader of load': 'load(function() return " " end)',
}

for (const [name, source] of Object.entries(ESCAPES)) {
  test(`${name} does not get around it`, async (t) => {
    const engine = await start(t)
    await rejection(engine.eval(source), 'MOONPOOL_INSTRUCTIONS')
    assert.equal(await engine.eval('return 1'), 1)
  })
}

test('the limit counts at the same instruction in every run and every engine', async (t) => {
  const source = `
    local n = 0
    local each = coroutine.wrap(function() while true do coroutine.yield(math.random(10)) end end)
    while true do n = n + 1 + 0 * each() cache.put("n", n) pcall(error, n) end`
  const counts = new Set<unknown>()
  for (let i = 0; i < 2; i++) {
    const engine = await start(t)
    for (let run = 0; run < 5; run++) {
      await rejection(engine.eval(source, [], { cachePrefix: 'tenant' }), 'MOONPOOL_INSTRUCTIONS')
      counts.add(await engine.cache.withPrefix('tenant').get('n'))
    }
  }
  assert.equal(counts.size, 1, [...counts].join())
})

test('a top level has the same limit, and the script that was not loaded leaves nothing', async (t) => {
  const engine = await start(t)
  await rejection(engine.load('while true do end'), 'MOONPOOL_INSTRUCTIONS', /limits\.instructions/)
  assert.equal(await engine.eval('return 1'), 1)
})

test('coroutines that a top level makes count in the budget of the load', async (t) => {
  const engine = await start(t)
  const make = (count: number): string =>
    `kept = {} for i = 1, ${count} do kept[i] = coroutine.create(function() while true do coroutine.yield() end end) end
     function main(n) for i = 1, n do coroutine.resume(kept[i]) end return n end`
  // A slice of 100 each, and the loop around them.
  await rejection(engine.load(make(LIMIT / 100)), 'MOONPOOL_INSTRUCTIONS', /limits\.instructions/)
  const script = await engine.load(make(LIMIT / 200))
  assert.equal(await script.run(LIMIT / 200), LIMIT / 200)
})

test('what a run does in coroutines of the top level counts, but for the rest of the slice that the load paid', async (t) => {
  const engine = await start(t)
  const COUNT = 50
  const script = await engine.load(`
    local kept = {}
    for i = 1, ${COUNT} do
      kept[i] = coroutine.wrap(function() local n = 0 while true do n = n + 1 cache.put(i, n) end end)
    end
    function main(i) kept[i]() end`)
  const counts = new Set<unknown>()
  for (const i of [1, COUNT]) {
    const run = script.run(i, { cachePrefix: 'tenant' })
    await rejection(run, 'MOONPOOL_INSTRUCTIONS')
    counts.add(await engine.cache.withPrefix('tenant').get(String(i)))
  }
  assert.equal(counts.size, 1, [...counts].join())
  const [turns] = [...counts] as [number]
  assert.ok(turns > LIMIT / 20 && turns < LIMIT / 4, `${turns} turns of some six instructions`)
})

test('a deadline stops a counting run as well', async (t) => {
  const engine = await startEngine(t, { limits: { instructions: 1e12 } })
  await rejection(
    engine.eval('while true do end', [], { timeoutMs: 30 }),
    'MOONPOOL_TIMEOUT',
    /:1: stopped after 30 ms/,
  )
})

test('without the limit nothing is counted', async (t) => {
  const engine = await startEngine(t)
  assert.equal(await engine.eval('local n = 0 for i = 1, 3e6 do n = n + 1 end return n'), 3_000_000)
})
