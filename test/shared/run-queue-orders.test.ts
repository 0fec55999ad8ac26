// Workers, main and death around the run queue, in every order of their atomic operations (up to a few preemptions).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RUN_QUEUE_SLOTS } from '../../src/limits.js'
import { RunQueueReader, RunQueueWriter } from '../../src/shared/run-queue.js'
import { type End, explore } from '../support/lockstep.js'
import { queuedRun } from '../support/queued-run.js'
import { createQueueMemory } from './actors/run-queue.js'

const moduleUrl = new URL('./actors/run-queue.js', import.meta.url)
/** The next run is the last before sequence numbers wrap. */
const LAST_SEQUENCE = 2 ** 32 - 1

/** What a worker that comes later still finds. */
function leftIn(queue: SharedArrayBuffer): number[] {
  const reader = new RunQueueReader(queue, 7)
  const found: number[] = []
  while (reader.claim()) {
    found.push(reader.runId)
    reader.release()
  }
  return found
}

/** The queue is empty: one whole lap can be pushed. */
function assertUsable(queue: SharedArrayBuffer): void {
  const writer = new RunQueueWriter(queue)
  for (let id = 100; id < 100 + RUN_QUEUE_SLOTS; id++) assert.ok(writer.push(queuedRun(id)), `push ${id}`)
  assert.equal(writer.push(queuedRun(999)), false)
  const found = leftIn(queue)
  assert.deepEqual([found.length, found[0], found.at(-1)], [RUN_QUEUE_SLOTS, 100, 99 + RUN_QUEUE_SLOTS])
}

const everyRunOnce = (queue: SharedArrayBuffer, runs: number) => {
  const expected = Array.from({ length: runs }, (_, index) => index + 1)
  return ({ logs }: End): void => {
    assert.deepEqual([...logs.flat(), ...leftIn(queue)].sort(), expected)
    assertUsable(queue)
  }
}

test('two workers claim each run once', async (t) => {
  const memory = createQueueMemory(LAST_SEQUENCE, 2)
  const check = everyRunOnce(memory.queue, 2)
  const orders = await explore({ moduleUrl, actors: ['first', 'second'], memory, maxPreemptions: 3, check })
  t.diagnostic(`${orders} orders`)
})

test('also while main publishes', async (t) => {
  const memory = createQueueMemory(LAST_SEQUENCE, 0)
  const check = everyRunOnce(memory.queue, 2)
  const actors = ['first', 'second', 'pushesTwo']
  const orders = await explore({ moduleUrl, actors, memory, maxPreemptions: 2, check })
  t.diagnostic(`${orders} orders`)
})

test('three workers, two runs', async (t) => {
  const memory = createQueueMemory(LAST_SEQUENCE, 2)
  const check = everyRunOnce(memory.queue, 2)
  const actors = ['first', 'second', 'third']
  const orders = await explore({ moduleUrl, actors, memory, maxPreemptions: 2, check })
  t.diagnostic(`${orders} orders`)
})

test('a worker dies at any step: its run comes back or was begun, and nobody else is stopped', async (t) => {
  const memory = createQueueMemory(LAST_SEQUENCE, 2)
  const everyRun = everyRunOnce(memory.queue, 2)
  let deaths = 0
  const check = (end: End): void => {
    if (end.isDead) deaths++
    everyRun(end)
  }
  const actors = ['first', 'second', 'undertaker']
  const orders = await explore({
    moduleUrl,
    actors,
    memory,
    mortal: 0,
    undertaker: 2,
    maxPreemptions: 2,
    check,
  })
  t.diagnostic(`${orders} orders, ${deaths} with a death`)
  assert.ok(deaths > 10)
})

test('main withdraws a run while workers claim: it runs, or it is withdrawn', async (t) => {
  const memory = createQueueMemory(LAST_SEQUENCE, 3)
  const everyRun = everyRunOnce(memory.queue, 3)
  let withdrawals = 0
  const check = (end: End): void => {
    if (end.logs[2]?.length === 1) withdrawals++
    everyRun(end)
  }
  const actors = ['first', 'second', 'withdrawer']
  const orders = await explore({ moduleUrl, actors, memory, maxPreemptions: 2, check })
  t.diagnostic(`${orders} orders, ${withdrawals} withdrawals`)
  assert.ok(withdrawals > 10 && withdrawals < orders)
})

test('main takes back all that nobody claimed, while workers claim', async (t) => {
  const memory = createQueueMemory(LAST_SEQUENCE, 2)
  const everyRun = everyRunOnce(memory.queue, 2)
  const check = (end: End): void => everyRun(end)
  const orders = await explore({
    moduleUrl,
    actors: ['first', 'second', 'closer'],
    memory,
    maxPreemptions: 2,
    check,
  })
  t.diagnostic(`${orders} orders`)
})
