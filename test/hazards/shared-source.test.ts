// Tenants evaluate one source at the same time: none waits in another's line, or ends by another's limits, and it is
// compiled a handful of times at most.
//
// Nothing here depends on how fast the machine is: runs hold their worker until the test opens their tenant's gate.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DispatcherParts } from '../../src/dispatch/dispatcher-parts.js'
import type { Engine } from '../../src/index.js'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

const SOURCE = 'return "hello"'
/** Takes far longer than a millisecond to compile. */
const LONG_SOURCE = `${'x = 1 do local y = x end\n'.repeat(20_000)} return "long"`
const LIMITS = { timeoutMs: 60_000 }

const GATED = `
function main(n)
  while cache.get("gate", 0) < n do end
  return n
end`

const openGate = (engine: Engine, tenant: string, upTo = Number.MAX_SAFE_INTEGER): Promise<true> =>
  engine.cache.withPrefix(tenant).put('gate', upTo)

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Each image that is compiled asks for a place. */
function countCompiled({ images }: DispatcherParts): () => number {
  let compiled = 0
  const reserve = images.reserve.bind(images)
  images.reserve = (image, imageBytes) => {
    compiled++
    return reserve(image, imageBytes)
  }
  return () => compiled
}

test('T15: a source that a tenant with a long line evaluates, too, is there after few of its runs', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, { limits: LIMITS })
  const compiled = countCompiled(parts)
  const script = await engine.load(GATED)
  const ended: string[] = []
  const start = async (tenant: string, run: Promise<unknown>): Promise<void> => {
    await run
    ended.push(tenant)
  }
  const flood = Array.from({ length: 200 }, (_, n) =>
    start('flood', script.run(n + 1, { cachePrefix: 'flood' })),
  )
  flood.push(start('flood eval', engine.eval(SOURCE, [], { cachePrefix: 'flood' })))
  const single = start('single', engine.eval(SOURCE, [], { cachePrefix: 'single' }))
  let gate = 0
  while (!ended.includes('single')) {
    const before = ended.length
    await openGate(engine, 'flood', ++gate)
    while (ended.length === before) await turn()
  }
  // Few: what was with the worker, then one of the flood between the eval's load and its run.
  const place = ended.indexOf('single')
  assert.ok(place < 20, `${place} runs of the flood ended before it`)
  await openGate(engine, 'flood')
  await Promise.all([...flood, single])
  assert.equal(ended.at(-1), 'flood eval', 'waited in its own line, in its place')
  assert.equal(compiled(), 2, 'the script, and the chunk once')
  assertNothingLeft(parts)
  assert.equal(parts.images.usage().pins, 1, 'the script’s')
})

test('T6: another tenant’s timeout, or the same tenant’s other one, ends nobody else’s eval', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, { limits: LIMITS })
  const short = [1, 2, 3].map(() =>
    rejection(engine.eval(LONG_SOURCE, [], { cachePrefix: 'a', timeoutMs: 1 }), 'MOONPOOL_TIMEOUT', /1 ms/),
  )
  const others = ['a', 'b', 'c'].map((cachePrefix) => engine.eval(LONG_SOURCE, [], { cachePrefix }))
  await Promise.all(short)
  assert.deepEqual(await Promise.all(others), ['long', 'long', 'long'])
  const { completed, failed, queued, running } = engine.stats()
  assert.deepEqual({ completed, failed, queued, running }, { completed: 3, failed: 0, queued: 0, running: 0 })
  assertNothingLeft(parts)
  assert.deepEqual([parts.images.size, parts.images.usage().pins], [1, 0])
})

test('T16: another tenant’s full line refuses nobody else’s eval', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, {
    limits: LIMITS,
    tenants: { maxQueue: 2, maxConcurrent: 1 },
  })
  const script = await engine.load(GATED)
  const flood = [1, 2, 3].map((n) => script.run(n, { cachePrefix: 'flood' }))
  while (parts.admission.size > 2) await turn()
  const refused = rejection(engine.eval(SOURCE, [], { cachePrefix: 'flood' }), 'MOONPOOL_QUEUE_FULL')
  const accepted = engine.eval(SOURCE, [], { cachePrefix: 'single' })
  await refused
  await openGate(engine, 'flood')
  assert.equal(await accepted, 'hello')
  await Promise.all(flood)
  assertNothingLeft(parts)
  assert.equal(parts.admission.tenants, 0)
})

test('T7: another tenant’s abort ends nobody else’s eval, whoever came first', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, { limits: LIMITS })
  for (let time = 0; time < 50; time++) {
    const source = `return ${time}`
    const controller = new AbortController()
    const { signal } = controller
    const aborted = rejection(engine.eval(source, [], { cachePrefix: 'a', signal }), 'MOONPOOL_ABORTED')
    const stays = engine.eval(source, [], { cachePrefix: 'b' })
    const leaves = rejection(engine.eval(source, [], { cachePrefix: 'c', signal }), 'MOONPOOL_ABORTED')
    for (let step = 0; step < time % 3; step++) await Promise.resolve()
    controller.abort()
    assert.equal(await stays, time)
    await Promise.all([aborted, leaves])
  }
  await engine.close()
  assertNothingLeft(parts)
  assert.equal(parts.images.usage().pins, 0)
})

test('a thousand tenants evaluate one source at once: it is compiled a handful of times, and nothing is left', async (t) => {
  const threads = 2
  const { engine, parts } = await startInspectedEngine(t, { threads, limits: LIMITS })
  // Runs are known to be short: so many lie ready for the workers.
  for (let n = 0; n < 300; n++) await engine.eval('return 1')
  const before = parts.images.usage()
  const compiled = countCompiled(parts)
  const evals = Array.from({ length: 1000 }, (_, n) =>
    engine.eval<number>('return ...', [n], { cachePrefix: `tenant${n}` }),
  )
  assert.deepEqual(
    await Promise.all(evals),
    evals.map((_, n) => n),
  )
  assert.ok(compiled() <= 4 * threads, `compiled ${compiled()} times`)
  assertNothingLeft(parts)
  assert.equal(parts.admission.tenants, 0)
  assert.equal(parts.images.size, 2)
  const { pins, heldBytes } = parts.images.usage()
  assert.equal(pins, 0)
  assert.ok(heldBytes <= 2 * before.heldBytes, `${heldBytes} bytes of places for two small chunks`)
})

test('many tenants evaluate the same thousand sources in a small arena: each image is pinned only while it runs', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, {
    limits: { imageBytes: 2 ** 20, evalScripts: 4, timeoutMs: 60_000 },
  })
  const evals = ['a', 'b', 'c'].flatMap((cachePrefix) =>
    Array.from({ length: 1000 }, (_, n) => {
      const number = cachePrefix === 'c' ? 999 - n : n
      return engine.eval<number>(`return ${number}`, [], { cachePrefix }).then((got) => got === number)
    }),
  )
  assert.ok((await Promise.all(evals)).every((isRight) => isRight))
  assertNothingLeft(parts)
  assert.deepEqual([parts.images.size, parts.images.usage().pins], [4, 0])
})
