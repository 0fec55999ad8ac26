// Rows T4, T11 and T13 of docs/semantics.md, and C10 across run, call, eval and the host's cache: on real threads.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { startEngine, startTimedEngine } from '../support/engine.js'
import { rejection } from '../support/rejection.js'

test('T4: run calls main with exactly one argument and gives its first result', async (t) => {
  const engine = await startEngine(t)
  const count = await engine.load('function main(...) return select("#", ...), "second" end')
  assert.equal(await count.run(), 1)
  assert.equal(await count.run('a'), 1)
  assert.equal(await count.run([1, 2, 3]), 1)
  const echo = await engine.load('function main(a) return a end')
  assert.equal(await echo.run(), undefined)
  assert.equal(await echo.run(null), undefined)
  assert.deepEqual(await echo.run({ a: [1, 2] }), { a: [1, 2] })
  const none = await engine.load('function main() end')
  assert.equal(await none.run(), undefined)
})

test('T4: call gives one argument for each element and all results as an array', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(`
    function count(...) return select('#', ...) end
    function echo(...) return ... end
    function nothing() end
    local function hidden() return 1 end
  `)
  assert.deepEqual(await script.call('count'), [0])
  assert.deepEqual(await script.call('count', [undefined, null, undefined]), [3])
  assert.deepEqual(await script.call('echo', [1, undefined, 'a', null]), [1, undefined, 'a', undefined])
  assert.deepEqual(await script.call('nothing'), [])
  const many = Array.from({ length: 200 }, (_, index) => index)
  assert.deepEqual(await script.call('echo', many), many)
  await rejection(script.call('hidden'), 'MOONPOOL_NO_FUNCTION', /hidden/)
})

test('T4: the name is a plain global, looked up raw', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(`
    setmetatable(_G, { __index = function() return function() return 'by metatable' end end })
    t = { f = function() return 1 end }
    _G['t.f'] = function() return 'dotted' end
    number = 5
  `)
  await rejection(script.call('missing'), 'MOONPOOL_NO_FUNCTION', /missing/)
  await rejection(script.call('number'), 'MOONPOOL_NO_FUNCTION', /number/)
  await rejection(script.run(), 'MOONPOOL_NO_FUNCTION', /main/)
  assert.deepEqual(await script.call('t.f'), ['dotted'])
})

test('T4: eval hands the elements over as ... and gives the first result', async (t) => {
  const engine = await startEngine(t)
  assert.equal(await engine.eval('return select("#", ...)'), 0)
  assert.equal(await engine.eval('return ...', ['first', 'second']), 'first')
  assert.equal(await engine.eval('local a, b = ... return a + b', [1, 2.5]), 3.5)
  assert.equal(await engine.eval(''), undefined)
  assert.equal(await engine.eval('x = (x or 0) + 1 return x'), 1)
  assert.equal(await engine.eval('x = (x or 0) + 1 return x'), 1)
  assert.equal(
    await engine.eval(Buffer.from('return "\\xff"'), []).then((value) => value instanceof Uint8Array),
    true,
  )
})

test('T4: loading does not mind what is missing, and remembers nothing between runs', async (t) => {
  const engine = await startEngine(t)
  const empty = await engine.load('')
  await rejection(empty.run(), 'MOONPOOL_NO_FUNCTION', /main/)
  await rejection(empty.call('f'), 'MOONPOOL_NO_FUNCTION', /'?f'?/)
  const counter = await engine.load('n = 0 function main() n = n + 1 return n end')
  assert.deepEqual(await Promise.all([counter.run(), counter.run(), counter.run()]), [1, 1, 1])
})

test('T11: name and digest', async (t) => {
  const engine = await startEngine(t)
  const source = 'function main() error("boom") end'
  const digest = createHash('sha256').update(source).digest('hex')
  const unnamed = await engine.load(source)
  assert.equal(unnamed.digest, digest)
  assert.equal(unnamed.name, `script-${digest.slice(0, 8)}`)
  await rejection(unnamed.run(), 'MOONPOOL_LUA_ERROR', new RegExp(`^script-${digest.slice(0, 8)}:1: boom`))
  const named = await engine.load(source, { name: 'limiter.lua' })
  await rejection(named.run(), 'MOONPOOL_LUA_ERROR', /^limiter\.lua:1: boom/)
  await rejection(unnamed.run(), 'MOONPOOL_LUA_ERROR', /^script-/)
})

test('T11: equal source and name share one image', async (t) => {
  const engine = await startEngine(t)
  const source = 'local stamp = math.random(1 << 53) function main() return stamp end'
  const [first, second] = await Promise.all([engine.load(source), engine.load(source)])
  assert.equal(await first.run(), await second.run())
  assert.equal(await (await engine.load(source)).run(), await first.run())
})

test('T13: host and scripts see the same entries', async (t) => {
  const engine = await startEngine(t)
  const tenant = engine.cache.withPrefix('tenant_123')
  const script = await engine.load(`
    function get(key) return cache.get(key, 'missing') end
    function put(key, value) return cache.put(key, value) end
  `)
  const options = { cachePrefix: 'tenant_123' }
  await tenant.put('user_count', 150)
  assert.deepEqual(await script.call('get', ['user_count'], options), [150])
  await script.call('put', ['profile', { name: 'é', tags: ['a'] }], options)
  assert.deepEqual(await tenant.get('profile'), { name: 'é', tags: ['a'] })
  assert.equal(await engine.eval('return cache.get("user_count", "missing")', [], options), 150)

  await script.call('put', ['nothing', null], options)
  assert.equal(await tenant.get('nothing'), null)
  await tenant.put('nothing', null)
  assert.deepEqual(await script.call('get', ['nothing'], options), [undefined])
  await tenant.put('user_count', 0, { ttlMs: 0 })
  assert.deepEqual(await script.call('get', ['user_count'], options), ['missing'])
})

test('T13: a TTL of the host holds for scripts, milliseconds here and seconds there', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  const options = { cachePrefix: 'a' }
  await engine.cache.withPrefix('a').put('host', 1, { ttlMs: 60_000 })
  await engine.eval('cache.put_ttl("script", 1, 60)', [], options)
  passMs(59_000)
  assert.equal(await engine.eval('return cache.get("host")', [], options), 1)
  assert.equal(await engine.cache.withPrefix('a').get('script'), 1)
  passMs(1001)
  assert.equal(await engine.eval('return cache.get("host", "gone")', [], options), 'gone')
  assert.equal(await engine.cache.withPrefix('a').get('script'), undefined)
})

test('C10: the same key under other prefixes, and under none, is another entry', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(`
    function put(key, value) cache.put(key, value) end
    function get(key) return cache.get(key, 'missing') end
  `)
  const spaces = [
    {},
    { cachePrefix: 'a' },
    { cachePrefix: 'a:b' },
    { cachePrefix: 'A' },
    { cachePrefix: 'é'.repeat(256) },
  ]
  for (const [index, options] of spaces.entries()) await script.call('put', ['b:c', index], options)
  for (const [index, options] of spaces.entries()) {
    assert.deepEqual(await script.call('get', ['b:c'], options), [index])
    assert.deepEqual(await script.call('get', ['c'], options), ['missing'])
  }
  assert.equal(await engine.cache.get('b:c'), 0)
  assert.equal(await engine.cache.withPrefix('a').get('b:c'), 1)
})

test('stats count runs by how they ended', async (t) => {
  const engine = await startEngine(t)
  const before = engine.stats()
  assert.equal(before.threads, 1)
  const script = await engine.load('function main(fail) if fail then error("x") end end')
  const { completed, failed } = engine.stats()
  await script.run()
  await script.run(false)
  await rejection(script.run(true), 'MOONPOOL_LUA_ERROR')
  const after = engine.stats()
  assert.equal(after.completed - completed, 2)
  assert.equal(after.failed - failed, 1)
  assert.equal(after.running, 0)
  assert.equal(after.queued, 0)
})
