// A short run that comes behind a slow one while main sleeps: a thread is free, so it does not wait.
//
// Main is woken by what workers say. A run that says nothing wakes nobody, so of what was accepted meanwhile main must learn
// by itself whether somebody took it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startInspectedEngine } from '../support/inspected-engine.js'

const SOURCE = `
function stuck() while true do end end
function quick() return "done" end`

test('run-behind-a-stuck-one: it is taken by a free thread, whether those linger or sleep', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, {
    threads: 4,
    spareThreads: 0,
    limits: { timeoutMs: 60_000 },
  })
  const script = await engine.load(SOURCE)
  for (let run = 0; run < 200; run++) await script.call('quick')
  const stop = new AbortController()
  const { signal } = stop
  const stuck: Promise<unknown>[] = []
  const start = (): void => {
    stuck.push(script.call('stuck', [], { cachePrefix: 'mallory', signal }).catch(() => {}))
  }
  start()
  for (const untilMs of [300, 20]) {
    await new Promise((resolve) => setTimeout(resolve, untilMs))
    assert.equal(parts.feeder.inSlowRuns, 0, 'beside slow runs somebody is called for each')
    start()
    const behind = script.call('quick', [], { cachePrefix: 'ann' })
    const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'late').unref())
    assert.deepEqual(await Promise.race([behind, late]), ['done'])
  }
  assert.equal(parts.ledger.size, 3)
  stop.abort()
  await Promise.all(stuck)
})
