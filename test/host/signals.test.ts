// Row T7 of docs/semantics.md: a run's signal, in every phase of the run.

import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import {
  type AbortSignalLike,
  MoonpoolError as Base,
  type Engine,
  type MoonpoolError,
} from '../../src/index.js'
import { startEngine } from '../support/engine.js'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

const ENDLESS = 'while true do end'
const LONG_MS = 60_000

async function abortion(promise: Promise<unknown>, reason: unknown): Promise<MoonpoolError> {
  const error = await rejection(promise, 'MOONPOOL_ABORTED')
  assert.equal(error.name, 'AbortError')
  assert.equal(error.cause, reason)
  return error
}

const started = (engine: Engine, name: string): Promise<unknown> => engine.cache.get(`started ${name}`)

/** Resolves when the script has said so, or rejects with the test's own timeout. */
async function untilStarted(engine: Engine, name: string): Promise<void> {
  while ((await started(engine, name)) !== true) await new Promise((resolve) => setImmediate(resolve))
}

const SCRIPT = `
  function main(name) cache.put('started ' .. name, true) return name end
  function endless(name) cache.put('started ' .. name, true) while true do end end`

test('T7: aborted before the call, nothing starts', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const script = await engine.load(SCRIPT, { name: 'x.lua' })
  const reason = new Error('client has gone')
  const signal = AbortSignal.abort(reason)
  const error = await abortion(script.run('a', { signal }), reason)
  assert.equal(error.script, 'x.lua')
  await abortion(script.call('main', ['a'], { signal }), reason)
  await abortion(engine.eval('cache.put("started a", true)', [], { signal }), reason)
  await engine.eval('return 1')
  await abortion(engine.eval('return 1', [], { signal }), reason)
  await abortion(engine.load('function main() end', { signal }), reason)
  await abortion(script.run('a', { signal: AbortSignal.abort(null) }), null)
  assert.equal(await started(engine, 'a'), undefined)
  assert.equal(parts.images.size, 2, 'the script and one chunk')
  assertNothingLeft(parts)
})

test('T7: aborted while it waits in line or in the run queue, a run never starts', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const script = await engine.load(SCRIPT)
  const [blocker, waiting] = [new AbortController(), new AbortController()]
  const blocked = script.call('endless', ['blocker'], { signal: blocker.signal, timeoutMs: LONG_MS })
  await untilStarted(engine, 'blocker')
  const names = Array.from({ length: 20 }, (_, index) => `n${index}`)
  const aborted = names.map((name, index) => {
    return script.run(name, { signal: waiting.signal, cachePrefix: `tenant ${index % 3}` })
  })
  const stays = names.map((name) => script.run(name, { cachePrefix: 'stays' }))
  assert.ok(parts.admission.size > 0 && parts.feeder.unclaimed > 0, 'some lie here, some there')
  waiting.abort('enough')
  await Promise.all(aborted.map((run) => abortion(run, 'enough')))
  assert.deepEqual([engine.stats().queued, engine.stats().running], [20, 1])
  blocker.abort()
  await rejection(blocked, 'MOONPOOL_ABORTED')
  assert.deepEqual(await Promise.all(stays), names)
  for (let tenant = 0; tenant < 3; tenant++) {
    for (const name of names)
      assert.equal(await engine.cache.get(`started ${name}`, { cachePrefix: `tenant ${tenant}` }), undefined)
  }
  assertNothingLeft(parts)
})

test('T7: a running run is stopped, its writes stay, and the next runs go on', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const script = await engine.load(SCRIPT)
  const controller = new AbortController()
  const run = script.call('endless', ['a'], { signal: controller.signal, timeoutMs: LONG_MS })
  const behind = script.run('behind')
  await untilStarted(engine, 'a')
  controller.abort()
  const error = await rejection(run, 'MOONPOOL_ABORTED')
  assert.equal((error.cause as Error).name, 'AbortError')
  assert.equal(await behind, 'behind')
  assert.equal(await started(engine, 'a'), true)
  assertNothingLeft(parts)
})

test('T7: Lua cannot catch it', async (t) => {
  const engine = await startEngine(t)
  const controller = new AbortController()
  const run = engine.eval(
    `cache.put("started a", true)
     pcall(function() ${ENDLESS} end)
     cache.put("caught", true)`,
    [],
    { signal: controller.signal },
  )
  await untilStarted(engine, 'a')
  controller.abort()
  await rejection(run, 'MOONPOOL_ABORTED')
  assert.equal(await engine.cache.get('caught'), undefined)
})

test('T7: a load ends for who aborts it, and is stopped when nobody waits for it any more', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const blocker = new AbortController()
  const blocked = engine.eval(`cache.put("started b", true) ${ENDLESS}`, [], {
    signal: blocker.signal,
    timeoutMs: LONG_MS,
  })
  await untilStarted(engine, 'b')
  const source = 'function main() return 7 end'
  const [first, second] = [new AbortController(), new AbortController()]
  const leaves = engine.load(source, { signal: first.signal })
  const stays = engine.load(source, { signal: second.signal })
  const gone = engine.load('function main() end', { signal: first.signal })
  first.abort('a')
  await abortion(leaves, 'a')
  await abortion(gone, 'a')
  assert.equal(parts.images.size, 2, 'the chunk that runs, and the script that somebody waits for')
  blocker.abort()
  await rejection(blocked, 'MOONPOOL_ABORTED')
  const script = await stays
  assert.equal(await script.run(), 7)
  second.abort()
  assert.equal(await script.run(), 7)

  const third = new AbortController()
  const topLevel = engine.load(ENDLESS, { signal: third.signal })
  while (engine.stats().running === 0) await new Promise((resolve) => setImmediate(resolve))
  third.abort('c')
  await abortion(topLevel, 'c')
  script.dispose()
  assert.equal(await engine.eval('return 1'), 1)
  assert.equal(parts.images.size, 2, 'two chunks')
  assertNothingLeft(parts)
})

test('T7: a load that was given up can be asked for again at once', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  for (let time = 0; time < 20; time++) {
    const controller = new AbortController()
    const given = engine.load('function main() return 7 end', { signal: controller.signal })
    controller.abort(time)
    const again = engine.load('function main() return 7 end')
    await abortion(given, time)
    const script = await again
    assert.equal(await script.run(), 7)
    script.dispose()
  }
  assert.equal(parts.images.size, 0)
  assertNothingLeft(parts)
})

test('T7: an eval whose chunk is still being compiled is aborted, too', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const controllers = [new AbortController(), new AbortController()] as const
  const blocked = engine.eval(`cache.put("started b", true) ${ENDLESS}`, [], {
    signal: controllers[0].signal,
    timeoutMs: LONG_MS,
  })
  await untilStarted(engine, 'b')
  const compiling = engine.eval('cache.put("started c", true)', [], { signal: controllers[1].signal })
  controllers[1].abort('c')
  await abortion(compiling, 'c')
  assert.equal(parts.images.size, 1)
  controllers[0].abort('b')
  await abortion(blocked, 'b')
  assert.equal(await engine.eval('return cache.get("started c")'), undefined)
  assertNothingLeft(parts)
})

test('T7: an abort after the result changes nothing', async (t) => {
  const engine = await startEngine(t)
  const controller = new AbortController()
  const { signal } = controller
  assert.equal(await engine.eval('return 1', [], { signal }), 1)
  controller.abort()
  assert.equal(await engine.eval('return 1'), 1)
})

test('T7: no listener stays, however a run ends', async (t) => {
  const { engine } = await startInspectedEngine(t, { maxQueue: 1 })
  const { signal } = new AbortController()
  const script = await engine.load('function main(n) if n then error("x") end end', { signal })
  await script.run(undefined, { signal })
  await rejection(script.run(1, { signal }), 'MOONPOOL_LUA_ERROR')
  await rejection(script.call('missing', [], { signal }), 'MOONPOOL_NO_FUNCTION')
  await rejection(engine.eval(')', [], { signal }), 'MOONPOOL_LUA_SYNTAX')
  await rejection(engine.load(')', { signal }), 'MOONPOOL_LUA_SYNTAX')
  await rejection(engine.eval(ENDLESS, [], { signal, timeoutMs: 20 }), 'MOONPOOL_TIMEOUT')
  await rejection(script.run(new Date(0), { signal }), 'MOONPOOL_INVALID_VALUE')
  const runs = Array.from({ length: 1000 }, () => script.run(undefined, { signal }))
  const ends = await Promise.allSettled(runs)
  const refused = ends.filter(({ status }) => status === 'rejected')
  assert.ok(refused.length > 0, 'some met a full queue')
  const last = script.run(undefined, { signal })
  await engine.close()
  await last
  await rejection(script.run(undefined, { signal }), 'MOONPOOL_CLOSED')
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
})

test('T7: ten thousand runs of one signal: one listener, no warning, all end', async (t) => {
  const warnings: unknown[] = []
  const onWarning = (warning: unknown): unknown => warnings.push(warning)
  process.on('warning', onWarning)
  t.after(() => process.off('warning', onWarning))
  const { engine, parts } = await startInspectedEngine(t)
  const script = await engine.load(SCRIPT)
  const controller = new AbortController()
  const { signal } = controller
  const runs = Array.from({ length: 10_000 }, (_, n) =>
    script.run(`${n % 7}`, { signal, cachePrefix: `${n % 5}` }),
  )
  assert.equal(getEventListeners(signal, 'abort').length, 1)
  controller.abort('all')
  const ends = await Promise.allSettled(runs)
  for (const end of ends) {
    if (end.status === 'rejected') assert.ok(end.reason instanceof Base && end.reason.cause === 'all')
  }
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(warnings, [])
  assertNothingLeft(parts)
})

test('T7: whatever works as a signal is one', async (t) => {
  const engine = await startEngine(t)
  const listeners = new Set<() => void>()
  const signal: AbortSignalLike = {
    aborted: false,
    reason: 'mine',
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
  }
  assert.equal(await engine.eval('return 1', [], { signal }), 1)
  assert.equal(listeners.size, 0)
  const run = engine.eval(`cache.put("started a", true) ${ENDLESS}`, [], { signal })
  await untilStarted(engine, 'a')
  for (const listener of listeners) listener()
  await abortion(run, 'mine')
  assert.equal(listeners.size, 0)
})
