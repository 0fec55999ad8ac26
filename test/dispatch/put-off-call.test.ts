// When a sleeping worker is called for short runs: once for those that the host brings together.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../../src/dispatch/run.js'
import { createFeeder, createFeederOfShortRuns, idle } from './feeder-fixture.js'
import { createRun } from './fixture.js'

type Parts = ReturnType<typeof createFeeder>

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A turn in which nothing has come for so long that nothing more is waited for. */
async function quietTurn({ clock }: Parts): Promise<void> {
  clock.nowMs += 0.11
  await nextTurn()
}

/** So often in vain that it does not gather now. */
async function unlearnGathering(parts: Parts): Promise<void> {
  const called = idle(parts)
  for (let turn = 0; turn < 8; turn++) {
    parts.feeder.admit(createRun(100 + turn))
    await quietTurn(parts)
    assert.ok(called().includes(true))
    assert.ok(parts.readers[0]?.claim())
    parts.readers[0]?.release()
    idle(parts)
  }
}

test('short runs that are accepted together wake a sleeping worker once, when all of them are there', async () => {
  const parts = createFeederOfShortRuns(2)
  const called = idle(parts)
  for (let run = 1; run <= 5; run++) parts.feeder.admit(createRun(run))
  assert.deepEqual(called(), [false, false])
  assert.equal(parts.feeder.unclaimed, 5)
  await quietTurn(parts)
  assert.deepEqual(called(), [true, false])
  assert.equal(parts.pool.open.length, 0)
})

test('sixteen that come as fast as a worker takes them wake it at once', () => {
  const parts = createFeederOfShortRuns(1)
  const called = idle(parts)
  for (let run = 1; run <= 15; run++) parts.feeder.admit(createRun(run))
  assert.deepEqual(called(), [false])
  parts.feeder.admit(createRun(16))
  assert.deepEqual(called(), [true])
})

test('those that come slower wake it when they are work for a while', () => {
  const parts = createFeederOfShortRuns(1)
  const called = idle(parts)
  const enough = Math.ceil(180 / parts.lookAhead.runUs)
  for (let run = 1; run < enough; run++) {
    parts.feeder.admit(createRun(run))
    parts.clock.nowMs += 0.02
  }
  assert.deepEqual(called(), [false])
  parts.feeder.admit(createRun(enough))
  assert.deepEqual(called(), [true])
})

test('one that takes as long alone wakes it at once', () => {
  const parts = createFeeder(1)
  for (let run = 0; run < 100; run++) parts.lookAhead.noteDuration(190)
  const called = idle(parts)
  parts.feeder.admit(createRun(1))
  assert.deepEqual(called(), [true])
})

test('a run that comes a millisecond after the first wakes it', () => {
  const parts = createFeederOfShortRuns(1)
  const called = idle(parts)
  parts.feeder.admit(createRun(1))
  parts.clock.nowMs += 0.9
  parts.feeder.admit(createRun(2))
  assert.deepEqual(called(), [false])
  parts.clock.nowMs += 0.2
  parts.feeder.admit(createRun(3))
  assert.deepEqual(called(), [true])
})

test('a call that was put off is not made for runs that were claimed meanwhile', async () => {
  const parts = createFeederOfShortRuns(1)
  const called = idle(parts)
  parts.feeder.admit(createRun(1))
  assert.ok(parts.readers[0]?.claim())
  await quietTurn(parts)
  assert.deepEqual(called(), [false])
})

test('a worker that was called for another reason is not called again when the phase is over', async () => {
  const parts = createFeederOfShortRuns(3)
  const called = idle(parts)
  parts.feeder.admit(createRun(1))
  parts.feeder.reinforce()
  assert.deepEqual(called(), [true, false, false])
  await nextTurn()
  parts.feeder.reinforce()
  parts.feeder.callForAll()
  assert.deepEqual(called(), [true, false, false], 'one is on the way')
})

test('a run that was taken back does not keep the next from being called for', async () => {
  const parts = createFeederOfShortRuns(1)
  const called = idle(parts)
  parts.feeder.admit(createRun(1))
  assert.ok(parts.queue.withdraw(1))
  parts.feeder.admit(createRun(2))
  assert.deepEqual(called(), [false])
  await quietTurn(parts)
  assert.deepEqual(called(), [true])
})

test('when the host has gone on after a turn, the call that was put off is made', async () => {
  const parts = createFeederOfShortRuns(1)
  await unlearnGathering(parts)
  const called = idle(parts)
  parts.feeder.endPhase()
  parts.feeder.admit(createRun(1))
  assert.deepEqual(called(), [false])
  parts.feeder.endPhase()
  assert.deepEqual(called(), [true])
})

test('runs that come one in each phase are gathered, and nobody is called for them meanwhile', async () => {
  const parts = createFeederOfShortRuns(1)
  const called = idle(parts)
  let admitted = 0
  while (!called()[0] && admitted < 100) {
    parts.feeder.admit(createRun(++admitted))
    parts.clock.nowMs += 0.03
    parts.feeder.endPhase()
    parts.feeder.reinforce()
    assert.ok(called()[0] || parts.feeder.callForAll(), 'to be called again later')
    await nextTurn()
  }
  assert.ok(admitted === 12, `${admitted} gathered`)
})

test('gathering ends when none has come for a while', async () => {
  const parts = createFeederOfShortRuns(1)
  const called = idle(parts)
  parts.feeder.admit(createRun(1))
  await nextTurn()
  parts.feeder.admit(createRun(2))
  parts.clock.nowMs += 0.05
  await nextTurn()
  assert.deepEqual(called(), [false])
  await quietTurn(parts)
  assert.deepEqual(called(), [true])
})

test('where gathering was in vain it is tried ever more rarely, and one success brings it back', async () => {
  const parts = createFeederOfShortRuns(1)
  let id = 0
  /** Whether the call for one run alone is still put off when its phase is over. */
  const gathers = async (more: number): Promise<boolean> => {
    const called = idle(parts)
    const runs = Array.from({ length: 1 + more }, () => createRun(++id))
    const [first, ...others] = runs
    parts.feeder.admit(first as Run)
    parts.feeder.endPhase()
    const isGathering = !called()[0]
    for (const run of others) parts.feeder.admit(run)
    await quietTurn(parts)
    assert.deepEqual(called(), [true])
    for (const run of runs) {
      assert.ok(parts.readers[0]?.claim())
      parts.readers[0]?.release()
      parts.feeder.noteEnded(run)
    }
    return isGathering
  }
  const tries: number[] = []
  for (let turn = 0; turn < 20; turn++) if (await gathers(0)) tries.push(turn)
  assert.deepEqual(tries, [0, 2, 5, 10, 19])
  for (let turn = 0; turn < 16; turn++) assert.equal(await gathers(11), false)
  assert.equal(await gathers(11), true)
  assert.deepEqual([await gathers(11), await gathers(11)], [true, true])
})

test('a call that was put off goes to another thread when the sleeping one has gone meanwhile', async () => {
  const parts = createFeederOfShortRuns(2)
  parts.bells[0]?.prepareToIdle()
  parts.feeder.admit(createRun(1))
  const [gone] = parts.slots
  assert.ok(gone !== undefined)
  gone.state = 'empty'
  gone.bell.reset()
  await quietTurn(parts)
  assert.deepEqual(parts.pool.places, [1])
})

test('after stop a call that was put off submits nothing', async () => {
  const parts = createFeederOfShortRuns(2)
  parts.bells[0]?.prepareToIdle()
  parts.feeder.admit(createRun(1))
  parts.bells[0]?.reset()
  parts.feeder.stop()
  await quietTurn(parts)
  assert.equal(parts.pool.open.length, 0)
})

test('with no sleeping worker an accepted run submits a drain task at once', () => {
  const { feeder, pool } = createFeeder(1)
  feeder.admit(createRun(1))
  assert.equal(pool.open.length, 1)
})
