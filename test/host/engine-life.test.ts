// Rows T6, T8, T9 and T10 of docs/semantics.md, as a host sees them; each has its hazards in test/hazards.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEngine, type EngineOptions } from '../../src/index.js'
import { startEngine } from '../support/engine.js'
import { assertNothingLeft, readyThreads, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

const ENDLESS = 'while true do end'

test('T6: the clock of a run starts when a worker takes it, not while it waits', async (t) => {
  const engine = await startEngine(t)
  const busy = engine.eval('local t = os.clock() while os.clock() - t < 0.15 do end return "busy"')
  const behind = engine.eval('return "behind"', [], { timeoutMs: 100 })
  assert.deepEqual(await Promise.all([busy, behind]), ['busy', 'behind'])
})

test('T6: a run’s value replaces the engine’s, in both directions', async (t) => {
  const engine = await startEngine(t, { limits: { timeoutMs: 50 } })
  const busy = 'local t = os.clock() while os.clock() - t < 0.15 do end return "done"'
  await rejection(engine.eval(busy), 'MOONPOOL_TIMEOUT', /50 ms/)
  assert.equal(await engine.eval(busy, [], { timeoutMs: 60_000 }), 'done')
  await rejection(engine.eval(ENDLESS, [], { timeoutMs: 20 }), 'MOONPOOL_TIMEOUT', /20 ms/)
})

test('T8: a dead worker rejects its run alone, and is replaced', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const lost = rejection(
    engine.eval(`cache.put('started', true) ${ENDLESS}`, [], { timeoutMs: 60_000 }),
    'MOONPOOL_WORKER_LOST',
  )
  while ((await engine.cache.get('started')) !== true) await new Promise((resolve) => setImmediate(resolve))
  const waiting = Array.from({ length: 20 }, (_, n) => engine.eval('return ...', [n]))
  await readyThreads(parts)[0]?.terminate()
  await lost
  assert.deepEqual(
    await Promise.all(waiting),
    waiting.map((_, n) => n),
  )
  assert.equal(engine.stats().threads, 1)
  assertNothingLeft(parts)
})

test('T9: every call refuses what it does not know, all problems at once', async (t) => {
  const loose = (options: unknown): never => options as never
  const engine = await startEngine(t)
  const script = await engine.load('function main() end')
  const calls: readonly (readonly [string, (options: never) => Promise<unknown>, string, string])[] = [
    ['createEngine', (options) => createEngine(options), 'treads', 'threads'],
    ['createEngine', (options) => createEngine(options), 'timeoutMs', 'limits.timeoutMs'],
    ['engine.load', (options) => engine.load('', options), 'nane', 'name'],
    ['script.run', (options) => script.run(1, options), 'cache_prefix', 'cachePrefix'],
    ['script.call', (options) => script.call('main', [], options), 'timeout', 'timeoutMs'],
    ['engine.eval', (options) => engine.eval('', [], options), 'nmae', 'name'],
    ['cache.put', (options) => engine.cache.put('k', 1, options), 'ttl', 'ttlMs'],
    ['cache.get', (options) => engine.cache.get('k', options), 'prefix', 'cachePrefix'],
    ['engine.close', (options) => engine.close(options), 'grace', 'graceMs'],
  ]
  for (const [call, use, wrong, right] of calls) {
    const { message } = await rejection(use(loose({ [wrong]: 1, nonsense: 1 })), 'MOONPOOL_INVALID_OPTION')
    assert.ok(message.startsWith(`${call}: 2 options are wrong\n`), message)
    assert.ok(message.includes(`unknown option ${wrong}: did you mean ${right}?`), message)
    assert.ok(message.includes('unknown option nonsense: '), message)
    for (const options of [null, 5, 'x', [], new Map()]) {
      await rejection(use(loose(options)), 'MOONPOOL_INVALID_OPTION', /the options must be a plain object/)
    }
  }
  assert.equal(await engine.eval('return 1'), 1, 'a refused close does not close')
})

test('T9: options of the engine tell path, bounds and what was given', async () => {
  const wrong = {
    threads: 0,
    maxQueue: '5',
    cache: { maxEntires: 1, ttl: 5 },
    limits: null,
  } as unknown as EngineOptions
  const { message } = await rejection(createEngine(wrong), 'MOONPOOL_INVALID_OPTION', /5 options are wrong/)
  assert.match(message, /threads must be a whole number of 1 to 128, got 0/)
  assert.match(message, /maxQueue must be .*, got the string "5"/)
  assert.match(message, /unknown option cache\.maxEntires: did you mean maxEntries\?/)
  assert.match(message, /limits must be a plain object, got null/)
})

test('T10: accepted runs finish, queued ones too; later calls reject at once', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const script = await engine.load('function main(n) cache.put("n", n) return n end')
  const runs = Array.from({ length: 100 }, (_, n) => script.run(n))
  const compiling = engine.eval('return "compiled"')
  const closing = engine.close()
  assert.equal(engine.close({ graceMs: 0 }), closing)
  for (const refused of [
    script.run(1),
    script.call('main'),
    engine.eval('return 1'),
    engine.load(''),
    engine.cache.get('k'),
    engine.cache.put('k', 1),
    engine.cache.withPrefix('a').get('k'),
  ]) {
    await rejection(refused, 'MOONPOOL_CLOSED')
  }
  assert.deepEqual(
    await Promise.all(runs),
    runs.map((_, n) => n),
  )
  assert.equal(await compiling, 'compiled')
  await closing
  assert.equal(engine.stats().threads, 0)
  assert.equal(engine.stats().completed, 101)
  assertNothingLeft(parts)
})

test('T10: after graceMs waiting runs reject and running ones are stopped', async () => {
  const engine = await createEngine({ threads: 1 })
  const options = { timeoutMs: 60_000 }
  const running = rejection(
    engine.eval(`cache.put('started', true) ${ENDLESS}`, [], options),
    'MOONPOOL_CLOSED',
  )
  while ((await engine.cache.get('started')) !== true) await new Promise((resolve) => setImmediate(resolve))
  const waiting = Array.from({ length: 5 }, () => rejection(engine.eval('return 1'), 'MOONPOOL_CLOSED'))
  await engine.close({ graceMs: 0 })
  await Promise.all([running, ...waiting])
  assert.deepEqual([engine.stats().queued, engine.stats().running], [0, 0])
})

test('T10: a run still ends by its own timeout, or by its signal, while the engine closes', async () => {
  const engine = await createEngine({ threads: 2 })
  const controller = new AbortController()
  const timed = rejection(engine.eval(ENDLESS, [], { timeoutMs: 30 }), 'MOONPOOL_TIMEOUT')
  const aborted = engine.eval(ENDLESS, [], { timeoutMs: 60_000, signal: controller.signal })
  const closing = engine.close()
  await timed
  controller.abort()
  await rejection(aborted, 'MOONPOOL_ABORTED')
  await closing
})

test('T10: await using closes the engine', async () => {
  let stats: () => { readonly threads: number }
  {
    await using engine = await createEngine({ threads: 1 })
    stats = () => engine.stats()
    assert.equal(await engine.eval('return 1'), 1)
    assert.equal(stats().threads, 1)
  }
  assert.equal(stats().threads, 0)
})
