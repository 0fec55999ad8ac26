// The main thread does not come back for a second: scripts that run go on reading and, while their outbox has room, writing.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { lua, startEngine } from '../support/engine.js'
import { rejection } from '../support/rejection.js'

function block(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

/** A run says that it has started by a line it prints. */
function startedRuns(): { onPrint: () => void; isStarted: Promise<void> } {
  let onPrint = (): void => {}
  const isStarted = new Promise<void>((resolve) => {
    onPrint = resolve
  })
  return { onPrint: () => onPrint(), isStarted }
}

test('reads go on, and own writes are seen at once', async (t) => {
  const { onPrint, isStarted } = startedRuns()
  const engine = await startEngine(t, { onPrint })
  await lua(engine, `for i = 1, 100 do cache.put('hot' .. i, i) end`)
  // 10,000 reads by asking would need main 10,000 times; it comes back only after all is over.
  const running = lua(
    engine,
    `print('started')
     local begin, reads, wrong = os.clock(), 0, 0
     local untilFull = 2000
     while os.clock() - begin < 0.6 do
       for i = 1, 100 do
         if cache.get('hot' .. i) ~= i then wrong = wrong + 1 end
       end
       reads = reads + 100
       if untilFull > 0 then
         untilFull = untilFull - 1
         cache.put('own', reads)
         if cache.get('own') ~= reads then wrong = wrong + 1 end
       end
     end
     return { reads, wrong, os.clock() - begin }`,
  )
  await isStarted
  block(1500)
  const [reads, wrong, seconds] = (await running) as [number, number, number]
  t.diagnostic(`${reads} reads in ${seconds} s`)
  assert.equal(wrong, 0)
  assert.ok(reads >= 10_000, `${reads} reads`)
  assert.ok(seconds < 1.4, `it went on for ${seconds} s: a read waited for main`)
})

test('writes wait when the outbox is full, and none is lost or comes before an older one', async (t) => {
  const { onPrint, isStarted } = startedRuns()
  const engine = await startEngine(t, { onPrint })
  const writes = 60_000
  const running = lua(
    engine,
    `print('started')
     local wrong = 0
     for n = 1, ${writes} do
       local key = 'key' .. n % 50
       cache.put(key, n)
       if cache.get(key) ~= n then wrong = wrong + 1 end
       if cache.get('key' .. (n - 7) % 50, n - 7) ~= n - 7 and n > 50 then wrong = wrong + 1 end
     end
     return wrong`,
  )
  await isStarted
  block(1000)
  assert.equal(engine.stats().running, 1, 'more writes than an outbox holds cannot be over without main')
  assert.equal(await running, 0)
  const tenant = engine.cache.withPrefix('tenant')
  for (let key = 0; key < 50; key++) {
    const last = writes - ((((writes - key) % 50) + 50) % 50)
    assert.equal(await tenant.get(`key${key}`), last)
  }
})

test('a run that waits for room past its timeout is stopped afterwards, and what it wrote stays in order', async (t) => {
  const { onPrint, isStarted } = startedRuns()
  const engine = await startEngine(t, { onPrint })
  const source = `print('started') local n = 0 while true do n = n + 1 cache.put('a', n) cache.put('b', n) end`
  const run = engine.eval(source, [], { cachePrefix: 'tenant', timeoutMs: 300 })
  const stopped = rejection(run, 'MOONPOOL_TIMEOUT')
  await isStarted
  block(600)
  await stopped
  const [a, b] = (await lua(engine, `return { cache.get('a', 0), cache.get('b', 0) }`)) as [number, number]
  assert.ok(a > 1000 && (a === b || a === b + 1), `a = ${a}, b = ${b}`)
  assert.equal(await lua(engine, 'return 1'), 1)
})

for (const [name, body] of Object.entries({
  'that computes': 'while true do end',
  'that reads': `while true do cache.get('k') end`,
  'that waits for room in its outbox': `while true do cache.put('k', ('x'):rep(100000)) end`,
  'that waits for an answer': `while true do cache.get('large') end`,
})) {
  test(`T6: a run ${name} is stopped at its deadline all the same, and the one behind it goes on`, async (t) => {
    const { onPrint, isStarted } = startedRuns()
    const engine = await startEngine(t, { onPrint, limits: { graceMs: 60_000 } })
    const script = await engine.load(
      `function endless() print('started') ${body} end function now() return os.clock() end`,
      { name: 'blocked.lua' },
    )
    const options = { cachePrefix: 'tenant' }
    await engine.cache.withPrefix('tenant').put('large', 'x'.repeat(500_000))
    const [beginSeconds] = await script.call<[number]>('now')
    const stopped = rejection(script.call('endless', [], { ...options, timeoutMs: 100 }), 'MOONPOOL_TIMEOUT')
    const next = script.call<[number]>('now', [], options)
    await isStarted
    block(3000)
    const { line } = await stopped
    assert.equal(line, 1)
    const [nextSeconds] = await next
    assert.ok(nextSeconds - beginSeconds < 2, `it came after ${nextSeconds - beginSeconds} s`)
  })
}
