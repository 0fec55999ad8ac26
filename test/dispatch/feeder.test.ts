// Who is called when runs are published: every free worker for a run of its own, and never one that is in a run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../../src/dispatch/run.js'
import { MAX_REQUEUES, RUN_QUEUE_SLOTS } from '../../src/limits.js'
import type { Bell } from '../../src/shared/bells.js'
import type { RunQueueReader } from '../../src/shared/run-queue.js'
import { createFeeder, createFeederOfShortRuns, idle } from './feeder-fixture.js'
import { createRun } from './fixture.js'

test('slow runs call an idle worker each, not one of them twice', () => {
  const parts = createFeeder(3)
  for (let run = 0; run < 100; run++) parts.lookAhead.noteDuration(100_000)
  const called = idle(parts)
  parts.give(createRun(1), createRun(2))
  assert.deepEqual(called(), [true, true, false])
  assert.equal(parts.pool.open.length, 0)
})

test('short runs call one worker, and another for each turn in which none was claimed', () => {
  const parts = createFeederOfShortRuns(4)
  const { give, readers, pool } = parts
  const turn = (): void => {
    parts.clock.nowMs += 0.2
    parts.feeder.reinforce()
  }
  give(createRun(1))
  assert.ok(readers[3]?.claim())
  turn()
  assert.equal(pool.open.length, 1)
  const called = idle(parts)
  give(createRun(2), createRun(3), createRun(4))
  assert.deepEqual(called(), [true, false, false, false])
  turn()
  assert.deepEqual(called(), [true, true, false, false])
  assert.ok(readers[0]?.claim())
  turn()
  assert.deepEqual(called(), [true, true, false, false], 'they come along')
  turn()
  assert.deepEqual(called(), [true, true, true, false])
  assert.ok(readers[0]?.claim() && readers[1]?.claim())
  turn()
  turn()
  assert.deepEqual(called(), [true, true, true, false], 'nothing waits')
})

test('a worker has the time to wake before another is called for the same run', () => {
  const parts = createFeederOfShortRuns(3)
  const { feeder, give, readers, clock } = parts
  const called = idle(parts)
  give(createRun(1), createRun(2))
  for (let turn = 0; turn < 5; turn++) feeder.reinforce()
  assert.deepEqual(called(), [true, false, false])
  assert.equal(feeder.callForAll(), true)
  assert.deepEqual(called(), [true, true, false], 'the other run needs one as well')
  clock.nowMs += 0.09
  assert.equal(feeder.callForAll(), true)
  assert.deepEqual(called(), [true, true, false])
  assert.ok(readers[0]?.claim())
  assert.equal(feeder.callForAll(), true)
  assert.deepEqual(called(), [true, true, true], 'one came: who of the others is on the way is not known')
  assert.ok(readers[1]?.claim())
  assert.equal(feeder.callForAll(), false, 'nothing waits')
})

test('who came and claimed before main went on is not on the way any more', () => {
  const parts = createFeederOfShortRuns(1)
  const { feeder, give, readers } = parts
  const [bell] = parts.bells as [Bell]
  bell.prepareToIdle()
  const { summon } = bell
  bell.summon = () => summon.call(bell) && readers[0]?.claim() === true
  give(createRun(1))
  bell.summon = summon
  const called = idle(parts)
  feeder.admit(createRun(2))
  feeder.reinforce()
  feeder.reinforce()
  assert.deepEqual(called(), [true])
})

test('nobody is trusted for ever to come, and when nobody is left to call, that is said', () => {
  const { feeder, give, clock, pool } = createFeederOfShortRuns(2)
  give(createRun(1))
  assert.equal(feeder.callForAll(), true)
  assert.equal(pool.open.length, 1)
  clock.nowMs += 1
  assert.equal(feeder.callForAll(), true)
  assert.equal(pool.open.length, 2)
  clock.nowMs += 1
  assert.equal(feeder.callForAll(), false)
})

test('short runs that are too many for those that work call another at each turn', () => {
  const parts = createFeederOfShortRuns(3)
  const { feeder, give, readers, pool } = parts
  const turn = (): number => {
    assert.ok(readers[0]?.claim())
    parts.clock.nowMs += 0.2
    feeder.reinforce()
    return pool.open.length
  }
  const runs = Array.from({ length: 100 }, (_, index) => createRun(index + 1))
  give(...runs.slice(0, 30))
  assert.equal(turn(), 1, 'one can do them in the time that the look-ahead gives it')
  give(...runs.slice(30, 60))
  assert.equal(turn(), 2)
  assert.equal(turn(), 2, 'so can two')
  give(...runs.slice(60))
  assert.equal(turn(), 3)
})

test('what one worker has before it is told by those that work, not by those that sleep', () => {
  const parts = createFeederOfShortRuns(4)
  const { bells, feeder, give, pool } = parts
  assert.equal(feeder.runsAhead, 0)
  give(...Array.from({ length: 30 }, (_, index) => createRun(index + 1)))
  assert.equal(pool.open.length, 1)
  assert.equal(feeder.runsAhead, 30)
  feeder.callForAll()
  assert.equal(pool.open.length, 4)
  assert.equal(feeder.runsAhead, 7)
  for (const worker of [0, 2]) bells[worker]?.prepareToIdle()
  assert.equal(feeder.runsAhead, 15)
  for (let run = 0; run < 100; run++) parts.lookAhead.noteDuration(500)
  assert.equal(feeder.runsAhead, 0, 'and nothing where runs are slow')
})

test('before main sleeps somebody is called for every run that waits, as far as there are threads', () => {
  const parts = createFeeder(3)
  const { bells, feeder, give, pool } = parts
  const seen = [0, 1].map((worker) => (bells[worker] as Bell).prepareToIdle())
  give(createRun(1), createRun(2), createRun(3), createRun(4), createRun(5))
  feeder.callForAll()
  assert.deepEqual(
    seen.map((word, worker) => parts.sleeps(worker, word)),
    [false, false],
  )
  assert.equal(pool.open.length, 3)
})

test('a worker that waits inside its run is not called for another', () => {
  const { bells, give, pool, sleeps } = createFeeder(2)
  const seen = (bells[0] as Bell).prepareToSleep()
  give(createRun(1))
  assert.ok(sleeps(0, seen), 'it waits for an answer and would not come')
  assert.equal(pool.open.length, 1, 'the other thread is sent')
})

test('with nobody idle drain tasks are submitted, one per thread at most', () => {
  const { feeder, give, pool, clock } = createFeeder(2)
  give(createRun(1), createRun(2), createRun(3), createRun(4))
  for (let turn = 0; turn < 5; turn++) {
    clock.nowMs++
    feeder.reinforce()
  }
  assert.equal(pool.open.length, 2)
})

test('a drain task that ends while runs wait is followed by another', async () => {
  const { give, pool, readers } = createFeeder(1)
  give(createRun(1), createRun(2))
  assert.equal(pool.open.length, 1)
  assert.ok(readers[0]?.claim())
  await pool.endDrain()
  assert.equal(pool.open.length, 1)
  assert.ok(readers[0]?.claim())
  await pool.endDrain()
  assert.equal(pool.open.length, 0)
})

test('what lies in shared memory follows the look-ahead; the rest waits in admission', () => {
  const { give, feeder, readers, admission } = createFeeder(2)
  const runs = Array.from({ length: 10 }, (_, index) => createRun(index + 1))
  give(...runs)
  assert.equal(feeder.unclaimed, 4)
  assert.equal(admission.size, 6)
  assert.deepEqual(
    runs.map(({ isShared }) => isShared),
    [true, true, true, true, false, false, false, false, false, false],
  )
  const [reader] = readers as [RunQueueReader]
  assert.ok(reader.claim())
  reader.release()
  feeder.noteEnded(runs[0] as Run)
  feeder.noteEnded(runs[0] as Run)
  feeder.feed()
  assert.equal(feeder.unclaimed, 4, 'one ended, one follows')
  assert.equal(runs[0]?.isShared, false)
})

test('a full run queue sends the run back without losing it or its turn', () => {
  const { give, admission, readers, lookAhead } = createFeeder(2)
  for (let run = 0; run < 1000; run++) lookAhead.noteDuration(0)
  give(...Array.from({ length: RUN_QUEUE_SLOTS + 3 }, (_, index) => createRun(index + 1, index % 3)))
  assert.equal(admission.size, 3)
  const claimed: number[] = []
  for (const reader of readers) {
    while (reader.claim()) {
      claimed.push(reader.runId)
      reader.release()
    }
  }
  assert.equal(claimed.length, RUN_QUEUE_SLOTS)
  give()
  while (readers[0]?.claim()) {
    claimed.push(readers[0].runId)
    readers[0].release()
  }
  assert.deepEqual(
    claimed,
    Array.from({ length: RUN_QUEUE_SLOTS + 3 }, (_, index) => index + 1),
  )
})

test('runs that lie ready go back into the turns when runs turn out to be slow', () => {
  const { give, admission, readers, lookAhead, feeder } = createFeeder(2)
  for (let run = 0; run < 1000; run++) lookAhead.noteDuration(0)
  const flood = Array.from({ length: 100 }, (_, index) => createRun(index + 1, 1))
  give(...flood)
  assert.equal(feeder.sharedRuns, 100)
  const [one, other] = readers as [RunQueueReader, RunQueueReader]
  for (const reader of [one, other]) {
    assert.ok(reader.claim())
    reader.release()
  }
  for (const run of flood.slice(0, 2)) {
    lookAhead.noteDuration(50_000)
    feeder.noteEnded(run)
  }
  give(createRun(500, 2))
  assert.equal(feeder.sharedRuns, lookAhead.maxRuns)
  assert.equal(admission.size, 100 - 2 - lookAhead.maxRuns + 1)
  const claimed: number[] = []
  while (one.claim()) {
    claimed.push(one.runId)
    one.release()
  }
  assert.deepEqual(claimed, [500, 3, 4, 5].slice(0, claimed.length), 'the other tenant first, then in order')
  assert.equal(claimed.length, lookAhead.maxRuns)
  assert.deepEqual(flood.map((run) => run.isShared).slice(0, 6), [false, false, true, true, true, false])
})

test('a run whose worker died before it began is the next one, a few times', () => {
  const { give, feeder, admission } = createFeeder(1)
  const run = createRun(1)
  give(run, createRun(2), createRun(3))
  for (let death = 1; death <= MAX_REQUEUES; death++) {
    assert.ok(feeder.takeBack(run))
    assert.equal(admission.size, 2)
    feeder.feed()
    assert.ok(run.isShared, 'before those that wait')
  }
  assert.equal(feeder.takeBack(run), false)
  assert.equal(admission.size, 1)
})

test('after stop no more drain tasks are submitted', async () => {
  const { give, feeder, pool } = createFeeder(2)
  give(createRun(1))
  feeder.stop()
  await pool.endDrain()
  feeder.ensureDrained()
  feeder.repair()
  assert.equal(pool.open.length, 0)
  assert.equal(pool.refills, 0)
})

test('missing threads are asked for', () => {
  const { feeder, pool } = createFeeder(2)
  feeder.repair()
  assert.equal(pool.refills, 1)
})

test('threads in slow runs are those that work, when runs are slow', () => {
  const parts = createFeeder(3)
  const { feeder, slots, bells, lookAhead } = parts
  for (let run = 0; run < 100; run++) lookAhead.noteDuration(5_000)
  assert.equal(feeder.inSlowRuns, 0)
  for (const slot of slots.slice(0, 2)) slot.drainTask = Promise.resolve()
  assert.equal(feeder.inSlowRuns, 2)
  bells[1]?.prepareToIdle()
  assert.equal(feeder.inSlowRuns, 1, 'one waits for a run')
  bells[1]?.stayAwake()
  for (let run = 0; run < 200; run++) lookAhead.noteDuration(5)
  assert.equal(feeder.inSlowRuns, 0, 'runs are short')
})
