// Rows C1, C2, C4, C12 and C16 of docs/semantics.md: what get and put give back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lua, startEngine, startTimedEngine } from '../support/engine.js'

test('C1: get gives exactly one value: what is cached, else the default, else nil', async (t) => {
  const engine = await startEngine(t)
  const counts = await lua(
    engine,
    `cache.put('here', 'value')
     return { select('#', cache.get('here')), select('#', cache.get('here', 'default')),
              select('#', cache.get('gone')), select('#', cache.get('gone', 'default')) }`,
  )
  assert.deepEqual(counts, [1, 1, 1, 1])
  const values = await lua(
    engine,
    `return { cache.get('here'), cache.get('here', 'default'), cache.get('gone', 'default'), cache.get('gone') == nil,
              cache.get('gone', nil) == nil, cache.get('gone', false) }`,
  )
  assert.deepEqual(values, ['value', 'value', 'default', true, true, false])
})

test('C1: the default comes back as the very same value, whatever its type', async (t) => {
  const engine = await startEngine(t)
  const same = await lua(
    engine,
    `local touched = 0
     local function touch() touched = touched + 1 error('the default was used') end
     local loaded = setmetatable({}, { __index = touch, __newindex = touch, __call = touch, __eq = touch, __len = touch,
       __pairs = touch, __tostring = touch, __name = 'default' })
     local cyclic = {} cyclic.self = cyclic
     local same = {}
     for _, default in ipairs({ loaded, cyclic, print, touch, coroutine.create(touch), 'text', 7, 7.5, true }) do
       same[#same + 1] = rawequal(cache.get('gone', default), default)
     end
     same[#same + 1] = touched == 0
     return same`,
  )
  assert.deepEqual(same, Array(10).fill(true))
})

test('C1: the default is never stored', async (t) => {
  const engine = await startEngine(t)
  assert.equal(await lua(engine, `cache.get('gone', 'default') return cache.get('gone')`), undefined)
  assert.equal(await engine.cache.withPrefix('tenant').get('gone'), undefined)
  assert.equal(engine.stats().cache.entries, 0)
})

test('C2: put gives true, replaces, and clears an earlier TTL', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  assert.deepEqual(
    await lua(engine, `return { cache.put('key', 'old'), select('#', cache.put('key', 'old')) }`),
    [true, 1],
  )
  await lua(engine, `cache.put_ttl('key', 'older', 1) cache.put('key', 'new')`)
  passMs(3_600_000)
  assert.equal(await lua(engine, `return cache.get('key')`), 'new')
  assert.equal(engine.stats().cache.entries, 1)
})

test('C2: a third argument and a missing value raise, an explicit nil does not', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local raised = {}
     for _, misuse in ipairs({
       function() return cache.put('key', 1, 60) end,
       function() return cache.put('key', 1, 'x') end,
       function() return cache.put('key', 1, false) end,
       function() return cache.put('key') end,
     }) do
       local ok, message = pcall(function() local result = misuse() return result end)
       raised[#raised + 1] = { ok, message }
     end
     return { raised, cache.get('key', 'untouched'), cache.put('key', nil), cache.put('key', 1, nil) }`,
  )
  const [raised, ...others] = found as [[boolean, string][], unknown, unknown, unknown]
  const noTtl = "bad argument #3 to 'put' (no TTL here: use cache.put_ttl)"
  const noValue = "bad argument #2 to 'put' (value expected)"
  assert.deepEqual(
    raised.map(([ok, message]) => [ok, message.replace(/^[^:]*:\d+: /, '')]),
    [noTtl, noTtl, noTtl, noValue].map((message) => [false, message]),
  )
  assert.deepEqual(others, ['untouched', true, true])
})

test('C2: misuse names the line of the caller', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(`function main()\n  cache.put('key')\nend`, { name: 'misuse.lua' })
  await assert.rejects(script.run(), {
    code: 'MOONPOOL_LUA_ERROR',
    message: "misuse.lua:2: bad argument #2 to 'put' (value expected)",
    script: 'misuse.lua',
    line: 2,
  })
})

test('C4: a stored nil and a stored false are entries, not misses', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `return { cache.put('nothing', nil), cache.get('nothing', 'default') == nil,
              cache.put('no', false), cache.get('no', 'default') }`,
  )
  assert.deepEqual(found, [true, true, true, false])
  assert.equal(engine.stats().cache.entries, 2)
  assert.equal(await lua(engine, `return cache.get('nothing', 'default')`), undefined)
})

test('C4: with nilIsMiss a stored nil reads as a miss, a stored false does not', async (t) => {
  const engine = await startEngine(t, { cache: { nilIsMiss: true } })
  const found = await lua(
    engine,
    `cache.put('nothing', nil) cache.put('no', false)
     return { cache.get('nothing', 'default'), cache.get('nothing') == nil, cache.get('no', 'default') }`,
  )
  assert.deepEqual(found, ['default', true, false])
  assert.equal(await lua(engine, `return cache.get('nothing', 'default')`), 'default')
})

test('C12: put copies at the call, get gives a fresh copy each time', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local list = { 1, { deep = 'a' } }
     cache.put('list', list)
     list[1] = 2 list[2].deep = 'b' list[3] = true
     local first, second = cache.get('list'), cache.get('list')
     local fresh = not rawequal(first, second) and not rawequal(first[2], second[2]) and not rawequal(first, list)
     first[2].deep = 'c' second[1] = nil
     return { fresh, cache.get('list') }`,
  )
  assert.deepEqual(found, [true, [1, { deep: 'a' }]])
  const again = `local list = cache.get('list') list[1] = 'changed' return cache.get('list')`
  assert.deepEqual(await lua(engine, again), [1, { deep: 'a' }])
  assert.deepEqual(await engine.cache.withPrefix('tenant').get('list'), [1, { deep: 'a' }])
})

test('C16: every script has the cache module, with nothing to enable', async (t) => {
  const engine = await startEngine(t)
  const kinds = `return { type(cache), type(cache.get), type(cache.put), type(cache.put_ttl) }`
  assert.deepEqual(await lua(engine, kinds), ['table', 'function', 'function', 'function'])
  const script = await engine.load(
    `local c = cache function main() return c.put('key', 1) and c.get('key') end`,
  )
  assert.equal(await script.run(), 1)
  assert.equal(await engine.eval(`cache.put('key', 2) return cache.get('key')`), 2)
})
