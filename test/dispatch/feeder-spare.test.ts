// Who is called when there are more threads than may work at a time: never the one too many, and at once when another
// one is gone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { createFeeder } from './feeder-fixture.js'
import { createRun } from './fixture.js'

test('with a spare thread no more work at a time, and the spare one not while the others can', async () => {
  const { feeder, give, pool, readers, clock } = createFeeder(2, 1)
  const runs = [1, 2, 3, 4].map((id) => createRun(id))
  give(...runs)
  for (let turn = 0; turn < 5; turn++) {
    clock.nowMs++
    feeder.reinforce()
  }
  assert.deepEqual(pool.places, [0, 1])
  for (const run of runs) {
    assert.ok(readers[0]?.claim())
    readers[0]?.release()
    feeder.noteEnded(run)
  }
  await pool.endDrain()
  await pool.endDrain()
  give(createRun(5), createRun(6))
  feeder.callForAll()
  assert.deepEqual(pool.places, [0, 1, 0, 1])
})

test('a spare thread takes over when a task ends with its thread, before that is out of its slot', async () => {
  const { give, pool, slots } = createFeeder(1, 1)
  give(createRun(1), createRun(2))
  assert.deepEqual(pool.places, [0])
  const [slot] = slots as [WorkerSlot]
  slot.state = 'failed'
  await pool.endDrain()
  assert.deepEqual(pool.places, [0, 1])
})

test('a thread that has not booted gets no task', () => {
  const { give, feeder, pool, slots } = createFeeder(1, 1)
  for (const slot of slots) slot.state = 'booting'
  give(createRun(1))
  assert.deepEqual(pool.places, [])
  for (const slot of slots) slot.state = 'ready'
  feeder.ensureDrained()
  assert.deepEqual(pool.places, [0])
})

test("a task that ends late does not end its slot's next one", async () => {
  const { give, feeder, pool, slots } = createFeeder(1)
  const [slot] = slots as [WorkerSlot]
  give(createRun(1), createRun(2))
  // Its thread is gone, and another one has booted there.
  slot.drainTask = undefined
  feeder.ensureDrained()
  const task = slot.drainTask
  await pool.endDrain()
  assert.equal(slot.drainTask, task)
  assert.deepEqual(pool.places, [0, 0])
})
