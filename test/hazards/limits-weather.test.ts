// Every limit at its smallest, at its edge and one beyond; and the clock and the order of eviction while all of it is used.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClockOrigin, shiftClock } from '../../src/clock.js'
import { createEngineWith } from '../../src/engine.js'
import { lua, startEngine } from '../support/engine.js'

const DAY_MS = 86_400_000

test('the smallest cache: one entry, and 1,024 bytes', async (t) => {
  const engine = await startEngine(t, { cache: { maxEntries: 1, maxBytes: 1024 } })
  const result = await lua(
    engine,
    `local wrong = 0
     for i = 1, 2000 do
       cache.put('key' .. i, i)
       if cache.get('key' .. i) ~= i then wrong = wrong + 1 end
     end
     return wrong`,
  )
  assert.equal(result, 0)
  assert.equal(engine.stats().cache.entries, 1)
  assert.deepEqual(await lua(engine, `return { cache.get('key2000'), cache.get('key1999', 'gone') }`), [
    2000,
    'gone',
  ])
})

test('an entry as large as the whole cache fits, one byte more is refused and leaves the old one', async (t) => {
  const engine = await startEngine(t, { cache: { maxBytes: 1024, maxValueBytes: 1024 } })
  // A string's encoding has 1 byte before it while it is short, more when it is long: the largest that fits is looked for.
  const [largest, reason, kept] = (await lua(
    engine,
    `local n, ok, reason = 1024, false, nil
     while not ok do
       n = n - 1
       ok, reason = cache.put('k', ('x'):rep(n))
     end
     local _, why = cache.put('k', ('y'):rep(n + 1))
     return { n, why, cache.get('k') }`,
  )) as [number, string, string]
  assert.equal(reason, 'too large')
  assert.equal(kept, 'x'.repeat(largest))
  assert.equal(engine.stats().cache.bytes, 1024)
})

test('keys and values at their limits are stored, one byte more is refused', async (t) => {
  const engine = await startEngine(t, { cache: { maxKeyBytes: 33, maxValueBytes: 300 } })
  const source = `
    local key = ('k'):rep(33)
    local function try(key, value)
      local ok, reason = cache.put(key, value)
      return reason or tostring(ok)
    end
    local n = 300
    while try('v', ('x'):rep(n)) ~= 'true' do n = n - 1 end
    return {
      try(key, 1), cache.get(key), try(key .. 'k', 2), cache.get(key .. 'k', 'missing'),
      try('', 3), cache.get(''), n, try('v', ('y'):rep(n + 1)), cache.get('v') == ('x'):rep(n),
    }`
  const found = (await lua(engine, source)) as unknown[]
  assert.deepEqual(found.slice(0, 6), ['true', 1, 'key too long', 'missing', 'true', 3])
  assert.ok((found[6] as number) >= 294, `the largest string in 300 bytes has ${String(found[6])}`)
  assert.deepEqual(found.slice(7), ['too large', true])
  assert.equal(await lua(engine, `return #cache.get('v')`), found[6])
})

test('500,000 entries, put by a script and read back', async (t) => {
  const engine = await startEngine(t, { cache: { maxEntries: 500_000, maxBytes: 256 * 2 ** 20 } })
  await lua(engine, `for i = 1, 500000 do cache.put(i, i) end`)
  assert.equal(engine.stats().cache.entries, 500_000)
  const wrong = await lua(
    engine,
    `local wrong = 0 for i = 1, 500000, 97 do if cache.get(i) ~= i then wrong = wrong + 1 end end return wrong`,
  )
  assert.equal(wrong, 0)
})

test('the clock jumps a day between two reads of one run', async (t) => {
  const clockOrigin = createClockOrigin(true)
  const engine = await createEngineWith(
    {
      threads: 1,
      limits: { timeoutMs: 60_000 },
      // Printed lines arrive while the run goes on: this one says that it has begun to read.
      onPrint: () => shiftClock(clockOrigin, DAY_MS),
    },
    { clockOrigin },
  )
  t.after(() => engine.close())
  await lua(
    engine,
    `cache.put_ttl('day', 'x', 86400) cache.put_ttl('week', 'y', 604800) cache.put('ever', 'z')`,
  )
  const found = await lua(
    engine,
    `cache.put_ttl('own', 'w', 3600)
     local before = { cache.get('day'), cache.get('own') }
     print('read')
     local polls = 0
     while cache.get('day') do polls = polls + 1 end
     return { before, cache.get('day', 'gone'), cache.get('own', 'gone'), cache.get('week'), cache.get('ever'),
       cache.put_ttl('day', 'again', 60), cache.get('day') }`,
  )
  assert.deepEqual(found, [['x', 'w'], 'gone', 'gone', 'y', 'z', true, 'again'])
})

test('under churn a key that only workers read stays, one that nobody reads goes', async (t) => {
  const engine = await startEngine(t, { cache: { maxEntries: 100 } })
  await lua(engine, `cache.put('read', 1) cache.put('unread', 1)`)
  for (let round = 0; round < 20; round++) {
    const found = await lua(
      engine,
      `for i = 1, 50 do cache.put('churn${round}:' .. i, i) end return cache.get('read', 'gone')`,
    )
    assert.equal(found, 1, `round ${round}`)
  }
  assert.equal(await lua(engine, `return cache.get('unread', 'gone')`), 'gone')
})

test('a cache whose every entry is read all the time still evicts, and nobody stalls', async (t) => {
  const engine = await startEngine(t, { threads: 2, cache: { maxEntries: 64 } })
  await lua(engine, `for i = 1, 64 do cache.put('hot' .. i, i) end`)
  const reading = lua(
    engine,
    `local reads = 0
     repeat
       for i = 1, 64 do if cache.get('hot' .. i) then reads = reads + 1 end end
       for i = 1, 20 do cache.get('new' .. i) end
     until cache.get('over')
     return reads`,
  )
  await lua(
    engine,
    `for i = 1, 5000 do cache.put('new' .. i % 200, i) cache.get('new' .. i % 200) end cache.put('over', true)`,
  )
  assert.ok(typeof (await reading) === 'number')
  assert.equal(engine.stats().cache.entries, 64)
  assert.equal(await lua(engine, `cache.put('last', 1) return cache.get('last')`), 1)
})
