// Full load from two workers leaves the main thread's event loop turning, and an idle engine uses nothing.
//
// What is asserted is a ratio, not a time: how many writes lie between two turns of the loop. The drain promises at
// most a batch of each outbox in a turn; a drain that emptied outboxes would apply as many as the workers manage to
// write, so the ratio would be thousands however fast or slow the machine is.

import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, test } from 'node:test'
import { lua, startEngine } from '../support/engine.js'

/** Batches of 256 of two outboxes; twice that for turns in which this test's own immediate does not come. */
const MOST_WRITES_IN_A_TURN = 1024
const WRITES = 150_000

describe('drain-bound', () => {
  test('the loop turns at least once for every 1,024 writes of two workers', async (t) => {
    const engine = await startEngine(t, { threads: 2 })
    await lua(engine, 'return 1')
    const delay = monitorEventLoopDelay({ resolution: 1 })
    let turns = 0
    let timers = 0
    let isOver = false
    const turn = (): void => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    const timer = setInterval(() => timers++, 5)
    delay.enable()
    setImmediate(turn)
    const write = (prefix: string): Promise<unknown> =>
      lua(
        engine,
        `for n = 1, ${WRITES} do cache.put('key' .. n % 1000, n) end return cache.get('key0')`,
        prefix,
      )
    const last = await Promise.all([write('one'), write('two')])
    isOver = true
    clearInterval(timer)
    delay.disable()
    assert.deepEqual(last, [WRITES, WRITES])
    t.diagnostic(`${turns} turns, ${timers} timers, longest delay ${(delay.max / 1e6).toFixed(1)} ms`)
    assert.ok(turns >= (2 * WRITES) / MOST_WRITES_IN_A_TURN, `${turns} turns for ${2 * WRITES} writes`)
    assert.ok(timers >= 1, 'no timer fired under load')
  })

  test('an idle engine uses no CPU', async (t) => {
    const engine = await startEngine(t, { threads: 2 })
    await lua(engine, `cache.put('a', 1) return cache.get('a')`)
    // A worker lingers for its next run, and V8's own threads still compile what has become hot: the idlest of
    // several spans counts. A loop anywhere that polls makes all of them busy.
    let leastUs = Number.POSITIVE_INFINITY
    for (let span = 0; span < 6 && leastUs > 10_000; span++) {
      const before = process.cpuUsage()
      await new Promise((resolve) => setTimeout(resolve, 300))
      const { user, system } = process.cpuUsage(before)
      leastUs = Math.min(leastUs, user + system)
    }
    t.diagnostic(`${leastUs} µs of CPU in 300 ms`)
    assert.ok(leastUs <= 10_000, `${leastUs} µs of CPU in 300 ms`)
  })
})
