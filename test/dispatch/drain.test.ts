// When main looks at the outboxes and when it sleeps: with real rings and bells, and no thread behind them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { DRAIN_TURN_US, OUTBOX_BYTES } from '../../src/limits.js'
import type { Bell } from '../../src/shared/bells.js'
import type { OutboxWriter } from '../../src/shared/outbox.js'
import { ReplyReader, type ReplyWriter } from '../../src/shared/replies.js'
import { BYTES, Engine, nextTurn } from './drain-fixture.js'

test('records of all workers are taken, and then nothing is scheduled any more', async () => {
  const engine = new Engine()
  engine.append(0, 1)
  engine.append(1, 2)
  engine.accept(2)
  await engine.until(2)
  const { turns } = engine
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  assert.equal(engine.turns, turns)
  assert.equal(engine.isAsleep, false)
  assert.deepEqual(engine.taken, [1, 2])
})

test('with a run out and nothing coming main falls asleep, and a record wakes it', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  const { turns } = engine
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  assert.equal(engine.turns, turns, 'no turn while it sleeps')
  assert.equal(engine.sleeps, 1)
  engine.append(0, 7)
  await engine.until(1)
})

test('a record that nobody rang for, since main fell asleep at that moment, is taken a turn later', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  engine.endUnheard(0, 7)
  assert.ok(engine.isAsleep)
  await nextTurn()
  await nextTurn()
  assert.deepEqual(engine.taken, [7])
})

test('where polling would take a core from a slow run main falls asleep at once', async () => {
  const engine = new Engine()
  engine.hasCoreToPoll = false
  engine.accept(1)
  await nextTurn()
  assert.ok(engine.isAsleep)
  assert.equal(engine.turns, 1)
  engine.append(0, 7)
  await engine.until(1)
})

test('a run accepted while main sleeps leaves it asleep, and its record wakes it', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  engine.accept(2)
  assert.ok(engine.isAsleep)
  for (const runId of [1, 2, 3]) engine.append(1, runId)
  await engine.until(3)
})

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

/** Whether main, asleep, called so often within a few seconds. */
async function callsAsleep(engine: Engine, count: number): Promise<boolean> {
  for (let looks = 0; looks < 1000 && engine.callsAsleep < count; looks++) await pause()
  return engine.callsAsleep >= count
}

test('for runs accepted while main sleeps it calls a moment later, once for all of them', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  engine.accept(1)
  engine.accept(1)
  assert.equal(engine.callsAsleep, 0)
  assert.ok(await callsAsleep(engine, 1))
  await pause()
  assert.equal(engine.callsAsleep, 1)
  engine.accept(1)
  assert.ok(await callsAsleep(engine, 2))
  engine.drain.stop()
})

test('it calls again while runs are left to workers that were called', async () => {
  const engine = new Engine()
  engine.callsLeft = 3
  engine.accept(1)
  await engine.untilAsleep()
  assert.ok(await callsAsleep(engine, 3))
  await pause()
  assert.equal(engine.callsAsleep, 3)
  engine.drain.stop()
})

test('awake, it does not', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  engine.accept(1)
  for (const runId of [1, 2]) engine.append(0, runId)
  await engine.until(2)
  const before = engine.callsAsleep
  await pause()
  assert.equal(engine.callsAsleep, before)
})

test('while a worker waits for a run, the host goes on first after a turn, with all that follows at once', async () => {
  for (const hasIdleWorker of [true, false]) {
    const engine = new Engine()
    engine.hasIdleWorker = hasIdleWorker
    const steps: string[] = []
    engine.onTaken = () => {
      queueMicrotask(() => {
        steps.push('host')
        queueMicrotask(() => steps.push('host, later'))
      })
    }
    engine.onAfterTurn = () => {
      steps.push('after')
    }
    engine.append(0, 1)
    engine.accept(1)
    await engine.until(1)
    await nextTurn()
    assert.deepEqual(steps, hasIdleWorker ? ['host', 'host, later', 'after'] : ['host', 'host, later'])
  }
})

test('one turn takes a bounded number from each worker, and timers of the host come between', async () => {
  const engine = new Engine()
  engine.nowMs = 1000
  for (let runId = 1; runId <= 1000; runId++) engine.append(0, runId)
  engine.append(1, 5000)
  engine.accept(1001)
  await nextTurn()
  assert.ok(engine.taken.length < 1000)
  assert.ok(engine.taken.includes(5000), 'the other worker is not kept waiting')
  await engine.until(1001)
})

test('a turn ends when its time is over, and the next begins with the worker behind', async () => {
  const engine = new Engine()
  engine.nowMs = 1000
  engine.messageMs = DRAIN_TURN_US / 1000 / 16
  for (let message = 0; message < 200; message++)
    for (const worker of [0, 1]) engine.append(worker, worker + 1)
  engine.accept(400)
  const taken: string[] = []
  while (engine.runs > 0) {
    const before = engine.taken.length
    await nextTurn()
    taken.push(engine.taken.slice(before).join(''))
    assert.ok(
      engine.taken.length - before <= 16 + 4,
      'the time of one turn, and what passes between two looks',
    )
  }
  assert.deepEqual([new Set(taken[0]), new Set(taken[1])], [new Set('1'), new Set('2')])
  assert.ok(taken.length >= 20)
})

test('a worker that waits for room is rung', async () => {
  const engine = new Engine()
  const [outbox] = engine.outboxes as [OutboxWriter]
  let runs = 0
  while (outbox.hasHeadroom()) {
    engine.append(0, ++runs, 4000)
    if (runs * 4100 > OUTBOX_BYTES - 40_000) break
  }
  while (outbox.hasHeadroom()) engine.append(0, ++runs, 0)
  const bell = engine.slots[0]?.bell as Bell
  const seen = bell.prepareToSleep()
  engine.accept(runs)
  await engine.until(runs)
  await nextTurn()
  assert.equal(bell.sleep(seen, 0), true)
  assert.ok(outbox.hasHeadroom())
})

test('a backlog of replies goes out while main sleeps and the worker reads on', async () => {
  const engine = new Engine()
  const replies = engine.slots[0]?.replies as ReplyWriter
  let isTrue = (): boolean => true
  const reader = new ReplyReader(engine.replyMemory, engine.doorbell, (condition) => {
    isTrue = condition
  })
  engine.accept(1)
  await engine.untilAsleep()
  replies.send(1, BYTES.subarray(0, 50_000))
  reader.waitFor(1)
  for (let turn = 0; turn < 200 && !isTrue(); turn++) await nextTurn()
  assert.equal(reader.message.lengthBytes, 50_000)
  assert.equal(replies.hasBacklog, false)
  engine.append(0, 1)
  await engine.until(1)
})

test('what a dead worker had appended is taken to its end', () => {
  const engine = new Engine()
  for (let runId = 1; runId <= 1000; runId++) engine.append(0, runId)
  engine.drain.finish(engine.slots[0] as WorkerSlot)
  assert.equal(engine.taken.length, 1000)
})

test('after stop nothing is taken and nobody is waited for', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  engine.drain.stop()
  engine.append(0, 1)
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  assert.deepEqual(engine.taken, [])
  assert.equal(engine.isAsleep, false)
})
