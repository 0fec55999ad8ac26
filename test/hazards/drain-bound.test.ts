// Full load from two workers leaves the main thread's event loop turning, and an idle engine uses nothing.
//
// What is asserted is a ratio, not a time: how many writes lie between two turns of the loop. The drain promises at
// most a batch of each outbox in a turn; a drain that emptied outboxes would apply as many as the workers manage to
// write, so the ratio would be thousands however fast or slow the machine is.

import assert from 'node:assert/strict'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { MAX_PRINT_BYTES } from '../../src/limits.js'
import { lua, startEngine } from '../support/engine.js'

/** Batches of 256 of two outboxes; twice that for turns in which this test's own immediate does not come. */
const MOST_WRITES_IN_A_TURN = 1024
const WRITES = 150_000

test('T17: the loop turns at least once for every 1,024 writes of two workers', async (t) => {
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

test('T17: a flood of printed lines from two workers: at most 1,024 of them between two turns of the loop', async (t) => {
  let lines = 0
  let most = 0
  let turns = 0
  let isOver = false
  const engine = await startEngine(t, { threads: 2, onPrint: () => lines++ })
  const turn = (): void => {
    turns++
    most = Math.max(most, lines - seen)
    seen = lines
    if (!isOver) setImmediate(turn)
  }
  let seen = 0
  setImmediate(turn)
  const flood = 'for n = 1, 70000 do print() end return "over"'
  const runs = ['one', 'two', 'three', 'four'].map((prefix) => lua(engine, flood, prefix))
  assert.deepEqual(await Promise.all(runs), ['over', 'over', 'over', 'over'])
  isOver = true
  t.diagnostic(`${turns} turns, at most ${most} of ${lines} lines in one`)
  assert.equal(lines, 4 * (MAX_PRINT_BYTES + 1))
  assert.ok(most <= MOST_WRITES_IN_A_TURN, `${most} lines`)
})

test('T17: a listener that takes long is given a few lines a turn, not a batch', async (t) => {
  let lines = 0
  const most = { inTurn: 0 }
  let seen = 0
  let isOver = false
  const onPrint = (): void => {
    lines++
    const endMs = performance.now() + 2
    while (performance.now() < endMs);
  }
  const engine = await startEngine(t, { onPrint })
  const turn = (): void => {
    most.inTurn = Math.max(most.inTurn, lines - seen)
    seen = lines
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await lua(engine, 'for n = 1, 100 do print(n) end')
  isOver = true
  assert.equal(lines, 100)
  // Twice the messages between two looks at the time, for a turn in which this test's own immediate does not come.
  assert.ok(most.inTurn <= 8, `${most.inTurn} lines in one turn`)
})

test('T17: a flood of reads that have to ask: a few are answered in each turn of the loop, and others have theirs', async (t) => {
  const engine = await startEngine(t, { threads: 2 })
  const reads = 400
  // Larger than what is read from shared memory, and than a worker's ring of replies.
  await engine.cache.withPrefix('flood').put('large', 'x'.repeat(400_000))
  const asked = (): number => engine.stats().cache.hits
  const [before, other] = [asked(), { runs: 0 }]
  let [seen, most, turns, timers, isOver] = [before, 0, 0, 0, false]
  const turn = (): void => {
    turns++
    most = Math.max(most, asked() - seen)
    seen = asked()
    if (!isOver) setImmediate(turn)
  }
  const timer = setInterval(() => timers++, 5)
  setImmediate(turn)
  const flood = `local bytes = 0 for n = 1, ${reads} do bytes = bytes + #cache.get('large') end return bytes`
  const floods = Promise.all([lua(engine, flood, 'flood'), lua(engine, flood, 'flood')])
  const bystander = async (): Promise<void> => {
    while (!isOver) {
      assert.equal(await lua(engine, 'return 7', 'other'), 7)
      other.runs++
    }
  }
  const bystanding = bystander()
  assert.deepEqual(await floods, [reads * 400_000, reads * 400_000])
  isOver = true
  clearInterval(timer)
  await bystanding
  t.diagnostic(`${turns} turns, ${timers} timers, at most ${most} of ${asked() - before} reads in one`)
  assert.equal(asked() - before, 2 * reads)
  // One of each worker; twice that for a turn in which this test's own immediate does not come, and once more for slack.
  assert.ok(most <= 8, `${most} reads in one turn`)
  assert.ok(turns >= (2 * reads) / 8 && timers >= 1 && other.runs >= 1, `${turns}, ${timers}, ${other.runs}`)
})

test('T10: an idle engine uses no CPU', async (t) => {
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
