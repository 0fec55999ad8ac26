// One tenant with more work than there is room for: the others hardly notice, whatever its runs do.
//
// Nothing here depends on how fast the machine is. Runs hold their worker until the test opens a gate, which is an entry
// of the cache that they read again and again, and what is asserted is the order in which runs end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Engine, Script } from '../../src/index.js'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

const TIMEOUT = { limits: { timeoutMs: 60_000 } }

/** Returns its argument once the tenant's gate is at least that. */
const GATED = `
function main(n)
  print("started")
  while cache.get("gate", 0) < n do end
  return n
end`

const openGate = (engine: Engine, tenant: string, upTo = Number.MAX_SAFE_INTEGER): Promise<true> =>
  engine.cache.withPrefix(tenant).put('gate', upTo)

/** Starts runs and notes the order in which they end. They wait for gates 1, 2, 3, … of their tenant, or for none. */
function createStarter(script: Script) {
  const ended: string[] = []
  const start = (tenant: string, count: number, waits: 'gated' | 'free' = 'gated'): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => {
        await script.run(waits === 'gated' ? index + 1 : 0, { cachePrefix: tenant })
        ended.push(tenant)
      }),
    )
  return { ended, start }
}

/** Resolves at the given number of printed lines. */
function createStartCount() {
  const waiting: { count: number; resolve: () => void }[] = []
  const counter = {
    started: 0,
    onPrint: (): void => {
      counter.started++
      for (const { count, resolve } of waiting) if (counter.started >= count) resolve()
    },
    reaches: (count: number): Promise<void> =>
      new Promise((resolve) => {
        if (counter.started >= count) resolve()
        else waiting.push({ count, resolve })
      }),
  }
  return counter
}

test('T15: 10,000 waiting runs of one tenant: the run of another waits only for what is with the workers', async (t) => {
  const threads = 2
  const starts = createStartCount()
  const { engine, parts } = await startInspectedEngine(t, {
    ...TIMEOUT,
    threads,
    maxQueue: 20_000,
    onPrint: starts.onPrint,
  })
  const script = await engine.load(GATED)
  const { ended, start } = createStarter(script)
  const flood = start('flood', 10_000)
  await starts.reaches(threads)
  const ahead = parts.feeder.sharedRuns
  assert.ok(ahead <= 2 * threads, `${ahead} runs of a tenant nobody knows yet lie ahead`)
  const single = start('single', 1, 'free')
  let gate = 0
  // One run of the flood after the other, and no more than each end lets in.
  while (!ended.includes('single')) {
    const before = ended.length
    await openGate(engine, 'flood', ++gate)
    while (ended.length === before) await new Promise((resolve) => setImmediate(resolve))
  }
  const place = ended.indexOf('single')
  // On an idle machine fewer than ahead + threads. Where the system keeps the single run's thread waiting, others go on.
  assert.ok(place < 4 * (ahead + threads), `${place} runs of the flood ended before it, ${ahead} were ahead`)
  await openGate(engine, 'flood')
  await Promise.all([flood, single])
  assertNothingLeft(parts)
  assert.equal(parts.admission.tenants, 0)
})

test('T16: tenants.maxConcurrent: more runs of one tenant wait, and another tenant has the free worker', async (t) => {
  const starts = createStartCount()
  const { engine, parts } = await startInspectedEngine(t, {
    ...TIMEOUT,
    threads: 3,
    tenants: { maxConcurrent: 2 },
    onPrint: starts.onPrint,
  })
  const script = await engine.load(GATED)
  const { ended, start } = createStarter(script)
  const flood = start('flood', 100)
  await starts.reaches(2)
  await start('quick', 50, 'free')
  assert.equal(starts.started, 52, 'two of the flood, and all of the other')
  assert.deepEqual(new Set(ended), new Set(['quick']))
  assert.equal(parts.admission.size, 98)
  await openGate(engine, 'flood')
  await flood
  assertNothingLeft(parts)
  assert.equal(parts.admission.tenants, 0)
})

test('T16: a worker that dies gives its tenant the place back', async (t) => {
  const starts = createStartCount()
  const { engine, parts } = await startInspectedEngine(t, {
    ...TIMEOUT,
    threads: 2,
    tenants: { maxConcurrent: 1 },
    onPrint: starts.onPrint,
  })
  const script = await engine.load(GATED)
  for (let round = 1; round <= 5; round++) {
    const doomed = script.run(1, { cachePrefix: 'victim' })
    const next = script.run(0, { cachePrefix: 'victim' })
    await starts.reaches(2 * round - 1)
    const lost = rejection(doomed, 'MOONPOOL_WORKER_LOST')
    const slot = parts.slots.all.find(
      ({ runWord }) => runWord.lastRunId() > 0 && isBusy(parts, runWord.lastRunId()),
    )
    await slot?.worker?.terminate()
    await lost
    assert.equal(await next, 0)
  }
  assertNothingLeft(parts)
  assert.equal(parts.admission.tenants, 0)
})

test('T16: MOONPOOL_QUEUE_FULL: one tenant is refused with its numbers, another is accepted', async (t) => {
  const starts = createStartCount()
  const { engine, parts } = await startInspectedEngine(t, {
    ...TIMEOUT,
    maxQueue: 6,
    tenants: { maxQueue: 3, maxConcurrent: 1 },
    onPrint: starts.onPrint,
  })
  const script = await engine.load(GATED)
  const { start } = createStarter(script)
  const accepted = [start('flood', 4)]
  await starts.reaches(1)
  const refused = await rejection(
    script.run(1, { cachePrefix: 'flood' }),
    'MOONPOOL_QUEUE_FULL',
    /^3 runs of "flood" are waiting \(tenants\.maxQueue\)/,
  )
  const facts = { option: 'tenants.maxQueue', limit: 3, queued: 3, tenantQueued: 3, cachePrefix: 'flood' }
  assert.deepEqual(refused.queue, facts)
  // Which of them lie ahead in shared memory does not matter: at most one each.
  for (const tenant of ['a', 'b', 'c', 'd']) accepted.push(start(tenant, 1, 'free'))
  const full = await rejection(
    script.run(0, { cachePrefix: 'e' }),
    'MOONPOOL_QUEUE_FULL',
    /\(maxQueue\), 0 of them/,
  )
  assert.deepEqual(
    { ...full.queue, queued: 0 },
    { option: 'maxQueue', limit: 6, queued: 0, tenantQueued: 0, cachePrefix: 'e' },
  )
  await openGate(engine, 'flood')
  await Promise.all(accepted)
  assertNothingLeft(parts)
})

test('a queue that one held-up tenant has filled refuses nobody for whom a worker is free', async (t) => {
  const starts = createStartCount()
  const { engine, parts } = await startInspectedEngine(t, {
    ...TIMEOUT,
    threads: 2,
    maxQueue: 10,
    tenants: { maxConcurrent: 1 },
    onPrint: starts.onPrint,
  })
  const script = await engine.load(GATED)
  const { start } = createStarter(script)
  const flood = start('flood', 11)
  await starts.reaches(1)
  await rejection(script.run(1, { cachePrefix: 'flood' }), 'MOONPOOL_QUEUE_FULL')
  for (let n = 0; n < 20; n++) assert.equal(await script.run(0, { cachePrefix: 'other' }), 0)
  await openGate(engine, 'flood')
  await flood
  assertNothingLeft(parts)
})

test('T15: weights: of 60 waiting runs of each, three end for each one of the other', async (t) => {
  const starts = createStartCount()
  const weights: Record<string, number> = { heavy: 3, light: 1, holder: 1 }
  const { engine } = await startInspectedEngine(t, {
    ...TIMEOUT,
    tenants: { weight: (cachePrefix) => weights[cachePrefix ?? ''] ?? 1 },
    onPrint: starts.onPrint,
  })
  const script = await engine.load(GATED)
  const { ended, start } = createStarter(script)
  const held = start('holder', 1)
  await starts.reaches(1)
  // What lies ahead is taken as it came; these take that place.
  const ahead = start('holder', 10, 'free')
  const runs = [start('light', 60, 'free'), start('heavy', 60, 'free')]
  await openGate(engine, 'holder')
  await Promise.all([held, ahead, ...runs])
  const order = ended.filter((tenant) => tenant !== 'holder')
  for (let turn = 8; turn <= 72; turn += 8) {
    const heavy = order.slice(0, turn).filter((tenant) => tenant === 'heavy').length
    assert.ok(
      Math.abs(heavy - (turn * 3) / 4) <= 3,
      `${heavy} of the first ${turn}: ${order.slice(0, turn).join(' ')}`,
    )
  }
})

test('a weight function that fails gives one warning, and no run notices', async (t) => {
  const starts = createStartCount()
  const warnings: Error[] = []
  const note = (warning: Error): unknown => warnings.push(warning)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  const given: unknown[] = [0, 101, 1.5, Number.NaN, '3', undefined, Promise.resolve(1)]
  const { engine } = await startInspectedEngine(t, {
    ...TIMEOUT,
    tenants: {
      weight: () => {
        if (given.length === 0) throw new Error('no weights today')
        return given.shift() as number
      },
    },
    onPrint: starts.onPrint,
  })
  const script = await engine.load(GATED)
  const { start } = createStarter(script)
  const held = start('holder', 1)
  await starts.reaches(1)
  const runs = Array.from({ length: 20 }, (_, n) => start(`tenant${n}`, 3, 'free'))
  await openGate(engine, 'holder')
  await Promise.all([held, ...runs])
  assert.equal(given.length, 0)
  const found = warnings.filter((warning) => 'code' in warning && warning.code === 'MOONPOOL_WEIGHT_FAILED')
  assert.equal(found.length, 1)
  assert.match(
    String(found[0]?.message),
    /^tenants\.weight must give a whole number of 1 to 100, but it gave 0 for/,
  )
})

test('loading for evals takes the turns of their tenant, not those of others', async (t) => {
  const starts = createStartCount()
  const { engine } = await startInspectedEngine(t, { ...TIMEOUT, onPrint: starts.onPrint })
  const script = await engine.load(GATED)
  const held = script.run(1, { cachePrefix: 'holder' })
  await starts.reaches(1)
  const ended: string[] = []
  const evaluate = async (tenant: string, n: number): Promise<void> => {
    await engine.eval(`return "${tenant}", ${n}`, [], { cachePrefix: tenant })
    ended.push(tenant)
  }
  const flood = Array.from({ length: 300 }, (_, n) => evaluate('flood', n))
  await new Promise((resolve) => setImmediate(resolve))
  const single = evaluate('single', 0)
  await new Promise((resolve) => setImmediate(resolve))
  await openGate(engine, 'holder')
  await Promise.all([held, single, ...flood])
  assert.ok(ended.indexOf('single') <= 8, `${ended.indexOf('single')} evals of the flood ended before`)
})

test('100,000 prefixes that run once each leave nothing behind', async (t) => {
  const { engine, parts, config } = await startInspectedEngine(t, {
    ...TIMEOUT,
    maxQueue: 1_000,
    tenants: {
      maxConcurrent: 2,
      maxQueue: 100,
      weight: (cachePrefix) => 1 + ((cachePrefix?.length ?? 0) % 3),
    },
  })
  const script = await engine.load('function main(n) return n end')
  let next = 0
  await Promise.all(
    Array.from({ length: 500 }, async () => {
      while (next < 100_000) {
        const n = next++
        assert.equal(await script.run(n, { cachePrefix: `tenant${n}` }), n)
      }
    }),
  )
  assertNothingLeft(parts)
  assert.equal(parts.admission.tenants, 0)
  assert.ok(config.prefixes.size <= 1100, `${config.prefixes.size} prefixes are kept`)
  assert.equal(engine.stats().completed, 100_000)
})

/** Whether that run is not settled yet. */
function isBusy({ ledger }: { ledger: { get(id: number): unknown } }, runId: number): boolean {
  return ledger.get(runId) !== undefined
}
