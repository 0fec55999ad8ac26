// Rows C13, C14 and C15 of docs/semantics.md: how much the cache holds, who sees a write when, and what a script may not
// do while it loads.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lua, startEngine, startTimedEngine } from '../support/engine.js'

test('C13: never more than maxEntries, and the newest put is readable', async (t) => {
  const engine = await startEngine(t, { cache: { maxEntries: 20 } })
  for (let round = 0; round < 10; round++) {
    const newest = await lua(
      engine,
      `for i = 1, 30 do cache.put('round' .. ${round} .. ':' .. i, i) end return cache.get('round${round}:30')`,
    )
    assert.equal(newest, 30)
    assert.equal(engine.stats().cache.entries, 20)
    assert.equal(await lua(engine, `return cache.get('round${round}:30')`), 30)
  }
})

test('C13: the default is 50,000 entries', async (t) => {
  const engine = await startEngine(t)
  await lua(engine, `for i = 1, 50100 do cache.put(i, i) end`)
  assert.equal(engine.stats().cache.entries, 50_000)
  assert.equal(await lua(engine, 'return cache.get(50100)'), 50_100)
})

test('C13: an entry counts prefix, key, encoded value and 64', async (t) => {
  const engine = await startEngine(t)
  await lua(engine, `cache.put('key', 'value')`, 'tenant')
  const bytes = 'tenant'.length + 'key'.length + (1 + 'value'.length) + 64
  assert.equal(engine.stats().cache.bytes, bytes)
  await lua(engine, `cache.put('key', 'values')`, 'tenant')
  assert.equal(engine.stats().cache.bytes, bytes + 1)
  await engine.eval(`cache.put('key', 'value')`)
  assert.equal(engine.stats().cache.bytes, bytes + 1 + bytes - 'tenant'.length)
})

test('C13: never more than maxBytes, and what is larger than all of it is refused', async (t) => {
  const engine = await startEngine(t, { cache: { maxBytes: 10_000, maxValueBytes: 10_000 } })
  for (let round = 0; round < 10; round++) {
    await lua(engine, `for i = 1, 20 do cache.put(${round} .. ':' .. i, ('x'):rep(i * 100)) end`)
    assert.ok(engine.stats().cache.bytes <= 10_000)
    assert.equal(await lua(engine, `return #cache.get('${round}:20')`), 2000)
  }
  await lua(engine, `cache.put('key', 'old')`)
  const refused = await lua(engine, `return { cache.put('key', ('x'):rep(9990)) }`)
  assert.equal(await lua(engine, `return cache.get('key')`), 'old')
  assert.deepEqual(refused, [false, 'too large'])
})

test('C13: expired entries leave first', async (t) => {
  const { engine, passMs } = await startTimedEngine(t, { cache: { maxEntries: 10 } })
  await lua(
    engine,
    `for i = 1, 5 do cache.put('live' .. i, i) end for i = 1, 5 do cache.put_ttl('short' .. i, i, 60) end`,
  )
  passMs(60_000)
  await lua(engine, `for i = 1, 5 do cache.put('new' .. i, i) end`)
  const live = await lua(
    engine,
    `local sum = 0 for i = 1, 5 do sum = sum + cache.get('live' .. i, 0) + cache.get('new' .. i, 0) end return sum`,
  )
  assert.equal(live, 30)
})

test('C13: then the least recently used, and what was read is spared', async (t) => {
  const engine = await startEngine(t, { cache: { maxEntries: 10 } })
  await lua(engine, `for i = 1, 10 do cache.put('old' .. i, i) end`)
  await lua(engine, `return cache.get('old1')`)
  await lua(engine, `for i = 1, 5 do cache.put('new' .. i, i) end`)
  const found = await lua(
    engine,
    `local left = {} for i = 1, 10 do if cache.get('old' .. i) then left[#left + 1] = i end end
     for i = 1, 5 do assert(cache.get('new' .. i) == i) end
     return left`,
  )
  assert.deepEqual(found, [1, 7, 8, 9, 10])
})

test('C14: a script sees its own writes at once', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local wrong = 0
     for i = 1, 1000 do
       cache.put('key', i)
       if cache.get('key') ~= i then wrong = wrong + 1 end
       cache.put_ttl('other' .. i % 7, { i }, 60)
       if cache.get('other' .. i % 7)[1] ~= i then wrong = wrong + 1 end
     end
     cache.put_ttl('key', 0, 0)
     return { wrong, cache.get('key', 'deleted') }`,
  )
  assert.deepEqual(found, [0, 'deleted'])
})

test('C14: a run’s writes are visible to every run started after its result', async (t) => {
  const engine = await startEngine(t, { threads: 2 })
  const script = await engine.load(
    `function write(n) cache.put('count', n) cache.put('double', n * 2) end
     function read() return cache.get('count'), cache.get('double') end`,
  )
  const options = { cachePrefix: 'tenant' }
  for (let n = 0; n < 200; n++) {
    await script.call('write', [n], options)
    const reads = await Promise.all(Array.from({ length: 4 }, () => script.call('read', [], options)))
    for (const read of reads) assert.deepEqual(read, [n, n * 2])
    assert.equal(await engine.cache.withPrefix('tenant').get('count'), n)
  }
})

test('C14: a host write is visible to every run started after it', async (t) => {
  const engine = await startEngine(t, { threads: 2 })
  const tenant = engine.cache.withPrefix('tenant')
  for (let n = 0; n < 200; n++) {
    const stored = tenant.put('count', n)
    const reads = await Promise.all([1, 2, 3].map(() => lua(engine, `return cache.get('count')`)))
    assert.deepEqual(reads, [n, n, n])
    await stored
  }
})

test('C14: all threads see the writes of a key in one order', async (t) => {
  const engine = await startEngine(t, { threads: 2 })
  const writing = lua(engine, `for i = 1, 5000 do cache.put('count', i) end`)
  const backward = await lua(
    engine,
    `local last, backward = 0, 0
     for _ = 1, 5000 do
       local seen = cache.get('count', 0)
       if seen < last then backward = backward + 1 end
       last = seen
     end
     return backward`,
  )
  await writing
  assert.equal(backward, 0)
  assert.equal(await lua(engine, `return cache.get('count')`), 5000)
})

const WHILE_LOADING =
  'not while the script loads (put it inside function main(args), or run the file as a chunk: engine.eval, moonpool run)'

test('C15: a cache call at the top level fails the load and says what to do', async (t) => {
  const engine = await startEngine(t)
  for (const call of [`cache.get('key')`, `cache.put('key', 1)`, `cache.put_ttl('key', 1, 60)`]) {
    const name = call.slice(0, call.indexOf('('))
    await assert.rejects(engine.load(`local a = 1\n${call}`, { name: 'early.lua' }), {
      code: 'MOONPOOL_LOADING',
      message: `early.lua:2: ${name}: ${WHILE_LOADING}`,
      script: 'early.lua',
      line: 2,
    })
  }
  assert.equal(engine.stats().cache.entries, 0)
})

test('C15: a script may catch that and load, and use the cache in its functions', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(
    `local ok, message = pcall(cache.get, 'key')
     function main() return { ok, message, cache.put('key', 1), cache.get('key') } end`,
  )
  assert.deepEqual(await script.run(undefined, { cachePrefix: 'tenant' }), [
    false,
    `cache.get: ${WHILE_LOADING}`,
    true,
    1,
  ])
})

test('C15: the top level runs once, whatever is asked of the script', async (t) => {
  const lines: string[] = []
  const engine = await startEngine(t, { threads: 2, onPrint: (line) => lines.push(line) })
  const script = await engine.load(`print('top level') local n = 0 function main() n = n + 1 return n end`)
  assert.deepEqual(await Promise.all([script.run(), script.run(), script.run()]), [1, 1, 1])
  assert.deepEqual(lines, ['top level'])
})

test('C15: a chunk given to eval is no load: all of it may use the cache', async (t) => {
  const engine = await startEngine(t)
  assert.equal(await lua(engine, `cache.put('key', 1) return cache.get('key')`), 1)
})
