// A thread dies, and another one that has booted takes over: whatever happens to either of them, and to what follows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MoonpoolError } from '../../src/index.js'
import { MAX_FAILED_BOOTS } from '../../src/limits.js'
import { exposeControl } from '../../workers/control.js'
import {
  assertNothingLeft,
  createRandom,
  holdBackThreads,
  type InspectedEngine,
  readyThreads,
  startInspectedEngine,
  untilReady,
} from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

/** Cannot be stopped inside its VM. */
const STUCK = 'return (("a"):rep(10000)):find(".-.-.-.-b$")'

const SOURCE = `
  function stuck() ${STUCK} end
  function double(n) return 2 * n end
  function endless() while true do end end
  function count() local n = cache.get("n", 0) + 1 cache.put("n", n) return n end`

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Until what the engine does by itself has happened; bounded by the test's own timeout. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1))
}

const statesOf = ({ parts }: InspectedEngine): string[] => parts.slots.all.map(({ state }) => state)

test('spare-takes-over: runs behind one whose thread is ended go on before any replacement has booted', async (t) => {
  const inspected = await startInspectedEngine(t, { limits: { graceMs: 20 } })
  const { engine, parts } = inspected
  const script = await engine.load(SOURCE)
  await untilReady(parts)
  const letGo = holdBackThreads(parts)
  const stuck = rejection(script.call('stuck', [], { timeoutMs: 30 }), 'MOONPOOL_TIMEOUT')
  const behind = Array.from({ length: 100 }, (_, n) => script.call('double', [n]))
  await stuck
  assert.deepEqual(
    await Promise.all(behind),
    behind.map((_, n) => [2 * n]),
  )
  assert.deepEqual(statesOf(inspected), ['empty', 'ready'])
  assert.equal(engine.stats().threads, 1)
  letGo()
  await untilReady(parts)
  assert.equal(engine.stats().threads, 1, 'the spare one is not counted')
  assertNothingLeft(parts)
})

test('spare-takes-over: it sees and does what any other does, and is stopped inside its VM', async (t) => {
  const inspected = await startInspectedEngine(t, { limits: { graceMs: 60_000 } })
  const { engine, parts } = inspected
  const script = await engine.load(SOURCE, { name: 'a.lua' })
  const options = { cachePrefix: 'tenant' }
  for (let n = 1; n <= 3; n++) assert.deepEqual(await script.call('count', [], options), [n])
  await untilReady(parts)
  const letGo = holdBackThreads(parts)
  await readyThreads(parts)[0]?.terminate()
  assert.deepEqual(statesOf(inspected), ['empty', 'ready'])
  for (let n = 4; n <= 6; n++) assert.deepEqual(await script.call('count', [], options), [n])
  const long = 'x'.repeat(100_000)
  assert.equal(await engine.eval('return ...', [long]), long)
  for (let i = 0; i < 2; i++) {
    const stopped = script.call('endless', [], { timeoutMs: 20 })
    assert.equal((await rejection(stopped, 'MOONPOOL_TIMEOUT')).line, 4)
  }
  assert.deepEqual(statesOf(inspected), ['empty', 'ready'], 'still the same thread')
  letGo()
  await untilReady(parts)
  assertNothingLeft(parts)
})

test('spare-takes-over: what a thread had claimed and not begun, when it dies by itself', async (t) => {
  const inspected = await startInspectedEngine(t, { threads: 2 })
  const { engine, parts } = inspected
  const script = await engine.load(SOURCE)
  await untilReady(parts)
  const letGo = holdBackThreads(parts)
  const lost: unknown[] = []
  const runs = Array.from({ length: 300 }, (_, n) =>
    script.call('double', [n]).catch((error: unknown) => lost.push(error)),
  )
  await readyThreads(parts)[0]?.terminate()
  await Promise.all(runs)
  assert.ok(lost.length <= 1)
  for (const error of lost) assert.ok(error instanceof MoonpoolError && error.code === 'MOONPOOL_WORKER_LOST')
  assert.deepEqual(await script.call('double', [4]), [8])
  assert.equal(readyThreads(parts).length, 2)
  letGo()
  await untilReady(parts)
  assertNothingLeft(parts)
})

test('spare-dies-too: then runs wait for the first replacement, and none is lost', async (t) => {
  const inspected = await startInspectedEngine(t, { limits: { graceMs: 20 } })
  const { engine, parts } = inspected
  const script = await engine.load(SOURCE)
  await untilReady(parts)
  const letGo = holdBackThreads(parts)
  const stuck = [1, 2].map(() => rejection(script.call('stuck', [], { timeoutMs: 30 }), 'MOONPOOL_TIMEOUT'))
  const behind = Array.from({ length: 50 }, (_, n) => script.call('double', [n]))
  await Promise.all(stuck)
  assert.deepEqual(statesOf(inspected), ['empty', 'empty'])
  assert.equal(engine.stats().queued, 50)
  letGo()
  assert.deepEqual(
    await Promise.all(behind),
    behind.map((_, n) => [2 * n]),
  )
  await untilReady(parts)
  assertNothingLeft(parts)
})

test('spare-cannot-boot: the engine works on, says so once, stops trying, and tries again when it must', async (t) => {
  const warnings: Error[] = []
  const listen = (warning: Error): void => void warnings.push(warning)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const inspected = await startInspectedEngine(t)
  const { engine, parts } = inspected
  const { slots } = parts
  let failures = 0
  let mayBoot = false
  const bootAsItIs = slots.onStarted.bind(slots)
  slots.onStarted = (place, worker, ports) => {
    if (mayBoot) {
      bootAsItIs(place, worker, ports)
      return
    }
    const refusal = new MessageChannel()
    exposeControl(refusal.port1, {
      boot: async () => ({ isReady: false, message: `refusal ${++failures}`, stack: '' }),
      report: () => Promise.reject(new Error('not booted')),
    })
    t.after(() => refusal.port1.close())
    ports.control.close()
    bootAsItIs(place, worker, { ...ports, control: refusal.port2 as unknown as typeof ports.control })
  }
  while (warnings.length === 0) assert.equal(await engine.eval('return 1'), 1)
  assert.match(
    warnings[0]?.message ?? '',
    /fail to start again and again .*refusal 8\): the engine works on with 1/,
  )
  await until(() => parts.pool.size === 2)
  assert.equal(await engine.eval('return 2'), 2)
  assert.equal(failures, MAX_FAILED_BOOTS)
  mayBoot = true
  await readyThreads(parts)[0]?.terminate()
  assert.equal(await engine.eval('return 3'), 3)
  await untilReady(parts)
  assert.equal(warnings.length, 1)
  assertNothingLeft(parts)
})

test('close-while-spare-boots: at each step of it, and while a replacement boots', async (t) => {
  const steps: Record<string, (engine: InspectedEngine) => boolean> = {
    'before it starts': () => true,
    'while its thread starts': ({ parts }) => parts.pool.size === 2,
    'while it boots': (inspected) => statesOf(inspected)[1] === 'booting',
    'when it has booted': (inspected) => statesOf(inspected)[1] === 'ready',
  }
  for (const [name, isThere] of Object.entries(steps)) {
    const inspected = await startInspectedEngine(t)
    while (!isThere(inspected)) await nextTurn()
    await inspected.engine.close()
    assert.deepEqual(statesOf(inspected), ['empty', 'empty'], name)
    assert.equal(inspected.parts.pool.size, 0, name)
    assert.equal(inspected.engine.stats().threads, 0, name)
  }
  for (const hasStarted of [false, true]) {
    const inspected = await startInspectedEngine(t)
    const { engine, parts } = inspected
    await untilReady(parts)
    const [first] = readyThreads(parts)
    await first?.terminate()
    const run = engine.eval('return 1')
    while (hasStarted && statesOf(inspected)[0] !== 'booting') await nextTurn()
    await engine.close()
    assert.equal(await run, 1)
    assert.deepEqual(statesOf(inspected), ['empty', 'empty'])
    assert.equal(parts.pool.size, 0)
  }
})

test('never-more-than-workers-at-work: whatever dies, drain tasks are never more than threads', async (t) => {
  const seed = Number(process.env.SPARE_SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`SPARE_SEED=${seed}`)
  const random = createRandom(seed)
  const { engine, parts } = await startInspectedEngine(t, { threads: 2, limits: { graceMs: 5 } })
  const script = await engine.load(SOURCE)
  await untilReady(parts)
  const places = new Set<number>()
  let atWork = 0
  let most = 0
  const drain = parts.pool.drain.bind(parts.pool)
  parts.pool.drain = (place) => {
    places.add(place)
    most = Math.max(most, ++atWork)
    return drain(place).finally(() => atWork--)
  }
  const codes = new Set<string>()
  for (let round = 0; round < 8; round++) {
    const runs = Array.from({ length: 40 }, (_, n) =>
      script
        .call(n % 20 === 7 ? 'stuck' : 'double', [n], { timeoutMs: n % 20 === 7 ? 5 : 60_000 })
        .catch((error: unknown) => codes.add((error as MoonpoolError).code)),
    )
    if (random() < 0.5) {
      const threads = readyThreads(parts)
      await threads[Math.floor(random() * threads.length)]?.terminate()
    }
    await Promise.all(runs)
  }
  assert.equal(most, 2)
  assert.equal(places.size, 3, 'each of them worked some time')
  for (const code of codes) assert.match(code, /^MOONPOOL_(TIMEOUT|WORKER_LOST)$/)
  await untilReady(parts)
  assertNothingLeft(parts)
})

test('no spare thread where none is wanted: the replacement is waited for', async (t) => {
  const inspected = await startInspectedEngine(t, { spareThreads: 0 })
  const { engine, parts } = inspected
  assert.equal(parts.slots.all.length, 1)
  const letGo = holdBackThreads(parts)
  await readyThreads(parts)[0]?.terminate()
  const run = engine.eval('return 1')
  await until(() => parts.pool.size === 1)
  assert.equal(engine.stats().queued, 1)
  letGo()
  assert.equal(await run, 1)
})
