// How main waits while workers have short runs before them: it dozes, or watches its doorbell.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Engine, nextTurn } from './drain-fixture.js'

test('with many runs ahead main dozes, and wakes for a number of outcomes at once', async () => {
  const engine = new Engine()
  await engine.decide(10, 2.5)
  assert.ok(engine.isDozing)
  for (const runId of [2, 3, 4, 5]) engine.end(0, runId)
  assert.ok(engine.isDozing, 'four are too few')
  engine.end(0, 6)
  assert.equal(engine.isDozing, false)
  await engine.until(6)
  for (let runId = 7; runId < 100 && !engine.isDozing; runId++) {
    engine.end(0, runId)
    await nextTurn()
  }
  assert.ok(engine.isDozing, 'and dozes again')
  engine.drain.stop()
})

test('what the host asks for upon an outcome counts as lying ahead', async () => {
  const engine = new Engine()
  engine.end(0, 1)
  engine.accept(20)
  await engine.until(1)
  engine.runsAhead = 10
  await nextTurn()
  assert.ok(engine.isDozing)
  engine.drain.stop()
})

for (const [ahead, runUs, outcomes] of [
  [8, 2.5, 4],
  [40, 2.5, 20],
  [64, 2.5, 44],
  [1000, 2.5, 48],
  [10, 20, 8],
  [6, 33, 5],
  [3, 66, 3],
  [1, 120, 1],
  [1, 200, 1],
] as const) {
  test(`with ${ahead} runs of ${runUs} µs ahead main is woken for ${outcomes}`, async () => {
    const engine = new Engine()
    await engine.decide(ahead, runUs)
    engine.append(0, 7)
    for (let n = 1; n < outcomes; n++) engine.end(0, 1 + n)
    assert.ok(engine.isDozing)
    engine.end(0, 1 + outcomes)
    assert.equal(engine.isDozing, false)
    engine.drain.stop()
  })
}

for (const [ahead, runUs] of [
  [0, 2.5],
  [7, 2.5],
  [0, 120],
  [1, 33],
] as const) {
  test(`for ${ahead} runs of ${runUs} µs main does not doze`, async () => {
    const engine = new Engine()
    await engine.decide(ahead, runUs)
    assert.equal(engine.isDozing, false)
    engine.drain.stop()
  })
}

test('with a core of its own main dozes beside many runs, and polls beside few', async () => {
  for (const [ahead, runUs, isDozing] of [
    [8, 2.5, false],
    [31, 2.5, false],
    [32, 2.5, true],
    [10, 20, true],
    [7, 28, false],
    [3, 66, false],
    [1, 120, false],
  ] as const) {
    const engine = new Engine(true)
    await engine.decide(ahead, runUs)
    assert.equal(engine.isDozing, isDozing, `${ahead} of ${runUs} µs`)
    engine.drain.stop()
  }
})

test('with a core of its own main watches the doorbell beside very short runs, and looks no further before it rings', async () => {
  const engine = new Engine(true)
  engine.nowMs = 1000
  await engine.decide(40, 2.5)
  for (let n = 1; n < 20; n++) engine.end(0, 1 + n)
  const { turns } = engine
  await delay(5)
  assert.deepEqual([engine.taken.length, engine.turns, engine.isDozing], [1, turns, true])
  engine.end(0, 21)
  assert.equal(engine.isDozing, false)
  await engine.until(21)
  engine.drain.stop()
})

test('a doorbell that is not rung when it should be is not watched for ever: main sleeps, and looks after a moment', async () => {
  const engine = new Engine(true)
  engine.nowMs = 1000
  await engine.decide(40, 2.5)
  engine.end(0, 2)
  engine.nowMs += 0.12
  await delay(5)
  assert.equal(engine.taken.length, 1, 'the worker is not late yet')
  engine.nowMs += 0.1
  await engine.until(2)
  engine.drain.stop()
})

test('what rings main after its watch wakes it from its sleep', async () => {
  const engine = new Engine(true)
  engine.nowMs = 1000
  await engine.decide(40, 2.5)
  engine.nowMs += 0.2
  await nextTurn()
  await nextTurn()
  for (let n = 1; n <= 20; n++) engine.end(0, 1 + n)
  assert.equal(engine.isDozing, false)
  await engine.until(21)
  engine.drain.stop()
})

test('main that watches stops when it is told to', async () => {
  const engine = new Engine(true)
  engine.nowMs = 1000
  await engine.decide(40, 2.5)
  engine.drain.stop()
  for (let n = 1; n <= 20; n++) engine.end(0, 1 + n)
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  assert.deepEqual([engine.taken.length, engine.isDozing], [1, false])
})

test('outcomes that are too few to wake main are taken after a moment all the same', async () => {
  const engine = new Engine()
  await engine.decide(10, 2.5)
  engine.end(1, 2)
  assert.ok(engine.isDozing)
  await engine.until(2)
  engine.drain.stop()
})

test('main does not doze for workers that ran dry meanwhile', async () => {
  const engine = new Engine()
  const asked = [10, 0]
  Object.defineProperty(engine, 'runsAhead', { get: () => asked.shift() ?? 0 })
  engine.end(0, 1)
  engine.accept(2)
  await engine.until(1)
  await nextTurn()
  assert.deepEqual(asked, [])
  assert.equal(engine.isDozing, false)
  engine.end(0, 2)
  await engine.until(2)
})
