// More than one engine: side by side in one process, and inside a worker thread of the host's own.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { startEngine } from '../support/engine.js'
import { rejection } from '../support/rejection.js'

const INDEX = new URL('../../src/index.js', import.meta.url).href

/** A thread of the host that has an engine of its own; `body` sees `engine` and `parentPort`. */
function startHostThread(body: string): Worker {
  const program = `
    const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(INDEX)}).then(async ({ createEngine }) => {
      const engine = await createEngine({ threads: 1, limits: { timeoutMs: 60_000 } })
      ${body}
    })`
  return new Worker(program, { eval: true })
}

test('two engines in one process share nothing: same scripts, same prefix, same keys', async (t) => {
  const engines = await Promise.all([startEngine(t), startEngine(t, { cache: { maxEntries: 10 } })])
  const script = `function main(own)
    local wrong = 0
    for n = 1, 200 do
      cache.put("key", own)
      if cache.get("key") ~= own then wrong = wrong + 1 end
    end
    return wrong
  end`
  const scripts = await Promise.all(engines.map((engine) => engine.load(script, { name: 'same.lua' })))
  const runs = Array.from({ length: 100 }, (_, n) =>
    (scripts[n % 2] as (typeof scripts)[0]).run(`engine ${n % 2}`, { cachePrefix: 'tenant' }),
  )
  assert.deepEqual(new Set(await Promise.all(runs)), new Set([0]))
  const [one, other] = engines
  assert.equal(await one.cache.withPrefix('tenant').get('key'), 'engine 0')
  assert.equal(await other.cache.withPrefix('tenant').get('key'), 'engine 1')
  assert.deepEqual([one.stats().completed, other.stats().completed], [50, 50])
})

test('an engine that is closed, or whose script never ends, leaves the other one working', async (t) => {
  const [one, other] = await Promise.all([startEngine(t), startEngine(t)])
  const endless = rejection(one.eval('while true do end'), 'MOONPOOL_CLOSED')
  const results = Array.from({ length: 50 }, (_, n) => other.eval<number>('return ...', [n]))
  await one.close({ graceMs: 0 })
  await endless
  assert.deepEqual(
    await Promise.all(results),
    results.map((_, n) => n),
  )
  await rejection(one.eval('return 1'), 'MOONPOOL_CLOSED')
  assert.equal(await other.eval('return 1'), 1)
})

test('an engine inside a worker thread works, and its end is clean', async (t) => {
  const own = await startEngine(t)
  const host = startHostThread(`
    const script = await engine.load('function main(n) cache.put("n", n) return cache.get("n") * 2 end')
    const results = await Promise.all([1, 2, 3].map((n) => script.run(n, { cachePrefix: 'tenant' + n })))
    await engine.close()
    parentPort.postMessage(results)`)
  // It may be gone before the message has been looked at.
  const exit = once(host, 'exit')
  const [results] = await once(host, 'message')
  assert.deepEqual(results, [2, 4, 6])
  const [exitCode] = await exit
  assert.equal(exitCode, 0, 'nothing holds the thread')
  assert.equal(await own.eval('return cache.get("n", "none")', [], { cachePrefix: 'tenant1' }), 'none')
})

test('a worker thread that is terminated takes its engine along, whatever runs there', async (t) => {
  const own = await startEngine(t)
  const host = startHostThread(`
    engine.eval('print("started") while true do end')
    engine.eval('return 1')
    setTimeout(() => parentPort.postMessage('runs'), 50)`)
  await once(host, 'message')
  await host.terminate()
  assert.equal(await own.eval('return 6 * 7'), 42)
})
