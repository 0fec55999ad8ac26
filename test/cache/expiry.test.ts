// Rows C3, C5, C6, C7, C18 and C20 of docs/semantics.md: how long entries live. Time passes only by `passMs`; where the
// real clock runs along, there is an hour of slack or the test looks at how long it took.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { lua, startEngine, startTimedEngine } from '../support/engine.js'

const HOUR_MS = 3_600_000
const TEN_YEARS_MS = 10 * 365 * 24 * HOUR_MS

test('C3: put_ttl gives true and the entry lives that many seconds', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  assert.deepEqual(
    await lua(
      engine,
      `return { cache.put_ttl('key', 'value', 7200), select('#', cache.put_ttl('key', 'value', 7200)) }`,
    ),
    [true, 1],
  )
  passMs(HOUR_MS)
  assert.equal(await lua(engine, `return cache.get('key')`), 'value')
  passMs(HOUR_MS)
  assert.equal(await lua(engine, `return cache.get('key')`), undefined)
})

test('C3: fractions of a second count', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  const startMs = performance.now()
  await lua(engine, `cache.put_ttl('key', 'value', 1000.9)`)
  passMs(1_000_000)
  const seen = await lua(engine, `return cache.get('key')`)
  assert.ok(seen === 'value' || performance.now() - startMs >= 900, 'the fraction was dropped')
  passMs(900)
  assert.equal(await lua(engine, `return cache.get('key')`), undefined)
})

test('C3: the smallest TTL is a millisecond, not none', async (t) => {
  const engine = await startEngine(t)
  const seen = await lua(
    engine,
    `for attempt = 1, 10000 do
       cache.put_ttl('key', attempt, 1e-9)
       if cache.get('key') == attempt then return true end
     end
     return false`,
  )
  assert.equal(seen, true)
})

test('C3: put_ttl replaces the value and the TTL', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  await lua(engine, `cache.put_ttl('key', 'old', 1) cache.put_ttl('key', 'new', 7200)`)
  passMs(HOUR_MS)
  assert.equal(await lua(engine, `return cache.get('key')`), 'new')
  await lua(engine, `cache.put_ttl('key', 'short', 1)`)
  passMs(1000)
  assert.equal(await lua(engine, `return cache.get('key')`), undefined)
})

test('C5: a TTL of 0 or less is expired at once, as deleted', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local found = {}
     for _, ttl in ipairs({ 0, -1, 0.0, -0.0, -0.001, -math.huge, math.mininteger, '0', '-5' }) do
       cache.put('key', 'old')
       found[#found + 1] = cache.put_ttl('key', 'new', ttl)
       found[#found + 1] = cache.get('key', 'gone') == 'gone'
     end
     return found`,
  )
  assert.deepEqual(found, Array(18).fill(true))
  assert.equal(await lua(engine, `return cache.get('key', 'gone')`), 'gone')
  assert.equal(engine.stats().cache.entries, 0)
})

test('C6: a huge TTL is no expiry', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  await lua(
    engine,
    `cache.put_ttl('inf', 1, math.huge) cache.put_ttl('max', 2, math.maxinteger)
     cache.put_ttl('edge', 3, 2 ^ 53 / 1000) cache.put_ttl('1e300', 4, 1e300)`,
  )
  passMs(TEN_YEARS_MS)
  const found = `return { cache.get('inf'), cache.get('max'), cache.get('edge'), cache.get('1e300') }`
  assert.deepEqual(await lua(engine, found), [1, 2, 3, 4])
})

test('C6: NaN, a missing TTL and other types raise', async (t) => {
  const engine = await startEngine(t)
  const raised = (await lua(
    engine,
    `cache.put('key', 'old')
     local raised = {}
     for _, misuse in ipairs({
       function() return cache.put_ttl('key', 1, 0 / 0) end,
       function() return cache.put_ttl('key', 1) end,
       function() return cache.put_ttl('key', 1, nil) end,
       function() return cache.put_ttl('key', 1, true) end,
       function() return cache.put_ttl('key', 1, {}) end,
       function() return cache.put_ttl('key', 1, 'soon') end,
       function() return cache.put_ttl('key', 1, '') end,
       function() return cache.put_ttl('key', 1, 'nan') end,
     }) do
       local ok, message = pcall(function() local result = misuse() return result end)
       raised[#raised + 1] = tostring(ok) .. ' ' .. tostring(message)
     end
     raised[#raised + 1] = cache.get('key')
     return raised`,
  )) as string[]
  assert.equal(raised.length, 9)
  assert.equal(raised.pop(), 'old')
  for (const line of raised) assert.match(line, /^false [^:]*:\d+: bad argument #3 to 'put_ttl' \(.+\)$/)
})

test('C6: a numeric string counts as its number', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  assert.deepEqual(
    await lua(
      engine,
      `return { cache.put_ttl('two hours', 1, '7200'), cache.put_ttl('hex', 2, ' 0x1C20 '), cache.put_ttl('short', 3, '1.5e0') }`,
    ),
    [true, true, true],
  )
  passMs(HOUR_MS)
  const found = `return { cache.get('two hours'), cache.get('hex'), cache.get('short', 'gone') }`
  assert.deepEqual(await lua(engine, found), [1, 2, 'gone'])
  passMs(HOUR_MS)
  assert.equal(await lua(engine, `return cache.get('two hours', 'gone')`), 'gone')
})

test('C7: after its expiry nobody sees the value again', async (t) => {
  const { engine, passMs } = await startTimedEngine(t, { threads: 2 })
  const tenant = engine.cache.withPrefix('tenant')
  await tenant.put('from host', 'value', { ttlMs: 1000 })
  await lua(engine, `cache.put_ttl('from lua', 'value', 1) cache.put_ttl('unread', 'value', 1)`)
  passMs(1000)
  const reads = await Promise.all(
    Array.from({ length: 50 }, () =>
      lua(engine, `return { cache.get('from host', 1), cache.get('from lua', 2) }`),
    ),
  )
  for (const read of reads) assert.deepEqual(read, [1, 2])
  assert.equal(await tenant.get('from host'), undefined)
  assert.equal(await tenant.get('from lua'), undefined)
})

test('C7: the host’s TTL and the script’s TTL are the same rule', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  const tenant = engine.cache.withPrefix('tenant')
  await tenant.put('from host', 'value', { ttlMs: 2 * HOUR_MS })
  await lua(engine, `cache.put_ttl('from lua', 'value', 7200)`)
  const both = `return { cache.get('from host', 'gone'), cache.get('from lua', 'gone') }`
  passMs(HOUR_MS)
  assert.deepEqual(await lua(engine, both), ['value', 'value'])
  assert.deepEqual([await tenant.get('from host'), await tenant.get('from lua')], ['value', 'value'])
  passMs(HOUR_MS)
  assert.deepEqual(await lua(engine, both), ['gone', 'gone'])
})

test('C18: the memory of expired entries comes back, read or not', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  await lua(
    engine,
    `for i = 1, 1000 do cache.put_ttl('key' .. i, ('x'):rep(100), 60) end cache.put('stays', 1)`,
  )
  assert.equal(engine.stats().cache.entries, 1001)
  passMs(60_000)
  const patienceMs = performance.now() + 10_000
  while (engine.stats().cache.entries > 1 && performance.now() < patienceMs) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { entries, bytes } = engine.stats().cache
  assert.equal(entries, 1)
  assert.ok(bytes < 200, `${bytes} bytes are still held`)
})

test('C20: defaultTtlMs applies where no TTL is given', async (t) => {
  const { engine, passMs } = await startTimedEngine(t, { cache: { defaultTtlMs: HOUR_MS } })
  const tenant = engine.cache.withPrefix('tenant')
  await tenant.put('host', 1)
  await tenant.put('host longer', 1, { ttlMs: 3 * HOUR_MS })
  await lua(
    engine,
    `cache.put('lua', 1) cache.put_ttl('lua longer', 1, 3 * 3600) cache.put_ttl('lua for ever', 1, math.huge)`,
  )
  passMs(HOUR_MS)
  const found = await lua(
    engine,
    `local found = {}
     for _, key in ipairs({ 'host', 'host longer', 'lua', 'lua longer', 'lua for ever' }) do
       found[#found + 1] = cache.get(key, 0)
     end
     return found`,
  )
  assert.deepEqual(found, [0, 1, 0, 1, 1])
})

test('C20: maxTtlMs shortens every longer TTL, no expiry included', async (t) => {
  const { engine, passMs } = await startTimedEngine(t, { cache: { maxTtlMs: HOUR_MS } })
  const tenant = engine.cache.withPrefix('tenant')
  await tenant.put('1', 1)
  await tenant.put('2', 1, { ttlMs: Number.POSITIVE_INFINITY })
  await lua(engine, `cache.put('3', 1) cache.put_ttl('4', 1, math.huge) cache.put_ttl('5', 1, 7200)`)
  await lua(engine, `cache.put_ttl('short', 1, 60)`)
  const found = `local n = 0 for i = 1, 5 do n = n + cache.get(i, 0) end return { n, cache.get('short', 0) }`
  assert.deepEqual(await lua(engine, found), [5, 1])
  passMs(60_000)
  assert.deepEqual(await lua(engine, found), [5, 0])
  passMs(HOUR_MS - 60_000)
  assert.deepEqual(await lua(engine, found), [0, 0])
})
