// Engines that are closed at a random moment while everything happens at once: each promise settles, with a result or with
// one of the documented codes, and nothing of the engine is left. Repeat a failure with CLOSE_SEED.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEngine, type Engine, MoonpoolError } from '../../src/index.js'
import { createRandom } from '../support/inspected-engine.js'

const ENGINES = 25

const EXPECTED =
  /^MOONPOOL_(CLOSED|ABORTED|TIMEOUT|MEMORY|QUEUE_FULL|LUA_ERROR|LUA_SYNTAX|NO_FUNCTION|RESULT_TOO_LARGE|NOT_STORED)$/

type Action = (engine: Engine, random: () => number) => Promise<unknown>

const options = (random: () => number): { cachePrefix: string } => ({
  cachePrefix: `tenant${Math.floor(random() * 4)}`,
})

const ACTIONS: readonly Action[] = [
  (engine, random) => engine.eval('cache.put("k", ...) return cache.get("k")', [random()], options(random)),
  (engine, random) => engine.eval(`return ${Math.floor(random() * 1e6)}`, [], options(random)),
  (engine, random) =>
    engine.eval('while true do end', [], { ...options(random), timeoutMs: 5 + random() * 50 }),
  (engine, random) => engine.eval('local t = {} while true do t[#t + 1] = {} end', [], options(random)),
  (engine, random) => engine.eval('for n = 1, 1000 do print(n) cache.put(n, n) end', [], options(random)),
  (engine, random) => engine.eval('return ("x"):rep(300000)', ['y'.repeat(100_000)], options(random)),
  (engine, random) => engine.eval('error("raised")', [], options(random)),
  (engine) => engine.eval('no lua'),
  (engine, random) => engine.load(`x = ${random()} function main() return x end`),
  async (engine, random) => {
    const script = await engine.load(`x = ${random()} function main() return x end`)
    const run = script.run()
    script.dispose()
    return run
  },
  (engine, random) =>
    engine.load('while true do end', { signal: AbortSignal.timeout(Math.floor(random() * 30)) }),
  (engine, random) => {
    const abortion = new AbortController()
    setTimeout(() => abortion.abort(), random() * 20)
    return engine.eval('while true do end', [], { ...options(random), signal: abortion.signal })
  },
  (engine, random) => engine.cache.withPrefix('tenant1').put(`k${random()}`, { n: random() }),
  (engine) => engine.cache.withPrefix('tenant2').get('k'),
]

async function closeDuringEverything(seed: number): Promise<Record<string, number>> {
  const random = createRandom(seed)
  const engine = await createEngine({
    threads: 2,
    maxQueue: 50,
    tenants: { maxConcurrent: 1 + Math.floor(random() * 3) },
    limits: { memoryBytes: 8 * 2 ** 20, timeoutMs: 200 },
    onPrint: () => {},
  })
  const outcomes: Promise<string>[] = []
  const start = (): void => {
    const action = ACTIONS[Math.floor(random() * ACTIONS.length)] as Action
    const outcome = Promise.resolve()
      .then(() => action(engine, random))
      .then(
        () => 'result',
        (error: unknown) => {
          assert.ok(error instanceof MoonpoolError, String(error))
          assert.match(error.code, EXPECTED, error.message)
          return error.code
        },
      )
    outcome.catch(() => {})
    outcomes.push(outcome)
  }
  const turns = Math.floor(random() * 40)
  for (let turn = 0; turn < turns; turn++) {
    for (let n = random() * 8; n > 0; n--) start()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const closed = engine.close({ graceMs: random() < 0.5 ? 0 : random() * 100 })
  for (let n = 0; n < 10; n++) start()
  await closed
  const counts: Record<string, number> = {}
  for (const outcome of await Promise.all(outcomes)) counts[outcome] = (counts[outcome] ?? 0) + 1
  const { threads, queued, running } = engine.stats()
  assert.deepEqual({ threads, queued, running }, { threads: 0, queued: 0, running: 0 })
  return counts
}

test(`${ENGINES} engines closed during everything: each promise settles, nothing is left`, async (t) => {
  const given = process.env.CLOSE_SEED
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
  t.diagnostic(`CLOSE_SEED=${seed}`)
  const unhandled: unknown[] = []
  const note = (reason: unknown): unknown => unhandled.push(reason)
  process.on('unhandledRejection', note)
  t.after(() => process.off('unhandledRejection', note))
  const total: Record<string, number> = {}
  for (let n = 0; n < ENGINES; n++) {
    for (const [outcome, count] of Object.entries(await closeDuringEverything(seed + n)))
      total[outcome] = (total[outcome] ?? 0) + count
  }
  t.diagnostic(JSON.stringify(total))
  assert.deepEqual(unhandled, [])
  assert.ok((total.result ?? 0) > 0 && (total.MOONPOOL_CLOSED ?? 0) > 0)
})
