// The watchdog thread itself dies. It is not replaced: one warning says so, and from then on runs are stopped by ending
// their threads. No run is lost, and none stays.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import type { EngineOptions } from '../../src/index.js'
import {
  assertNothingLeft,
  type InspectedEngine,
  startInspectedEngine,
  untilReady,
} from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

/** So long that a run which waits for it fails the test. */
const LONG_GRACE_MS = 60_000

interface WatchedEngine extends InspectedEngine {
  /** Resolves when the engine has been told. */
  readonly killWatchdog: () => Promise<void>
  readonly warnings: readonly Error[]
}

async function start(t: TestContext, options: EngineOptions = {}): Promise<WatchedEngine> {
  const warnings: Error[] = []
  const listen = (warning: Error): void => void warnings.push(warning)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const inspected = await startInspectedEngine(t, { limits: { graceMs: LONG_GRACE_MS }, ...options })
  const { worker } = inspected.parts.watchdog.thread
  const killWatchdog = async (): Promise<void> => {
    const exit = once(worker, 'exit')
    await worker.terminate()
    await exit
  }
  return { ...inspected, killWatchdog, warnings }
}

const SOURCE = `
  function main(loops) while loops do end return "over" end
  function announced() print("started") while true do end end
  function looking() print("started") while not cache.get("no such key") do end end`

test('before any run: runs past their deadline are stopped with their threads, others are not', async (t) => {
  const { engine, parts, killWatchdog, warnings } = await start(t, { threads: 2 })
  const script = await engine.load(SOURCE, { name: 'a.lua' })
  assert.equal((await rejection(script.run(true, { timeoutMs: 30 }), 'MOONPOOL_TIMEOUT')).line, 2, 'softly')
  await killWatchdog()
  for (let i = 0; i < 3; i++) {
    const runs = Array.from({ length: 20 }, () => script.run(false))
    const error = await rejection(script.run(true, { timeoutMs: 30 }), 'MOONPOOL_TIMEOUT', /^a\.lua: stopped/)
    assert.equal(error.line, undefined, 'nobody could look where it was')
    assert.deepEqual(new Set(await Promise.all(runs)), new Set(['over']))
  }
  await untilReady(parts)
  assertNothingLeft(parts)
  await engine.close()
  assert.deepEqual(
    warnings.map((warning) => 'code' in warning && warning.code),
    ['MOONPOOL_NO_SOFT_STOP'],
  )
  assert.match(warnings[0]?.message ?? '', /the watchdog thread ended/)
})

test('while runs are on: those past their deadline end, also those it was about to stop', async (t) => {
  const { engine, parts, killWatchdog } = await start(t, { threads: 2 })
  const script = await engine.load(SOURCE)
  const endless = [1, 2, 3, 4].map((n) =>
    rejection(script.run(true, { timeoutMs: 20 * n }), 'MOONPOOL_TIMEOUT'),
  )
  const other = script.run(false)
  await killWatchdog()
  await Promise.all(endless)
  assert.equal(await other, 'over')
  assertNothingLeft(parts)
})

test('after a run was doomed: it is stopped at once, not after the grace time', async (t) => {
  let onStarted = (): void => {}
  const isStarted = new Promise<void>((resolve) => {
    onStarted = resolve
  })
  const { engine, parts, killWatchdog } = await start(t, { onPrint: () => onStarted() })
  const script = await engine.load(SOURCE)
  const abortion = new AbortController()
  const run = rejection(
    script.call('announced', [], { signal: abortion.signal, timeoutMs: 600_000 }),
    'MOONPOOL_ABORTED',
  )
  await isStarted
  const killed = killWatchdog()
  abortion.abort('enough')
  assert.equal((await run).cause, 'enough')
  await killed
  const later = new AbortController()
  const next = rejection(script.run(true, { signal: later.signal, timeoutMs: 600_000 }), 'MOONPOOL_ABORTED')
  const behind = script.run(false)
  later.abort()
  await next
  assert.equal(await behind, 'over')
  assertNothingLeft(parts)
})

test('while it writes to a VM: the worker that waits for it is ended', async (t) => {
  const { engine, parts, config, killWatchdog } = await start(t, {
    onPrint: () => {
      // As the watchdog would, at the deadline; and there it ends.
      parts.slots.all[0]?.runWord.arm(config.clock.monotonicMs() + 60_000)
    },
  })
  const script = await engine.load(SOURCE)
  const run = rejection(script.call('looking', [], { timeoutMs: 300 }), 'MOONPOOL_TIMEOUT')
  const next = script.run(false)
  await killWatchdog()
  await run
  assert.equal(await next, 'over')
  assertNothingLeft(parts)
})

test('close, with runs that do not end', async (t) => {
  const { engine, parts, killWatchdog } = await start(t)
  const script = await engine.load(SOURCE)
  const run = rejection(script.run(true, { timeoutMs: 600_000 }), 'MOONPOOL_CLOSED')
  await killWatchdog()
  await engine.close({ graceMs: 10 })
  await run
  assertNothingLeft(parts)
})
