// Who is called when runs are published: every free worker for a run of its own, and never one that is in a run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admission } from '../../src/dispatch/admission.js'
import { Feeder } from '../../src/dispatch/feeder.js'
import { LookAhead } from '../../src/dispatch/look-ahead.js'
import type { WorkerPool } from '../../src/dispatch/pool.js'
import type { Run } from '../../src/dispatch/run.js'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { MAX_REQUEUES, RUN_QUEUE_SLOTS } from '../../src/limits.js'
import { Bell } from '../../src/shared/bells.js'
import { workerWord } from '../../src/shared/layout.js'
import { createRunQueueMemory, RunQueueReader, RunQueueWriter } from '../../src/shared/run-queue.js'
import { createRun } from './fixture.js'

/** Threads that do nothing; a drain task stays open until the test ends it. */
class IdlePool {
  size = 0
  readonly open: (() => void)[] = []

  drain(): Promise<void> {
    return new Promise((resolve) => this.open.push(resolve))
  }

  async endDrain(): Promise<void> {
    this.open.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function createFeeder(threads: number) {
  const words = new Int32Array(new SharedArrayBuffer(4 * workerWord(threads, 0)))
  const bells = Array.from({ length: threads }, (_, worker) => new Bell(words, worker))
  const memory = createRunQueueMemory()
  const readers = bells.map((_, worker) => new RunQueueReader(memory, worker))
  const admission = new Admission(1000)
  const pool = new IdlePool()
  const feeder = new Feeder({
    threads,
    admission,
    queue: new RunQueueWriter(memory),
    lookAhead: new LookAhead(threads),
    slots: bells.map((bell) => ({ bell })) as unknown as WorkerSlot[],
    pool: pool as unknown as WorkerPool,
  })
  const give = (...runs: Run[]): void => {
    for (const run of runs) admission.push(run)
    feeder.feed()
  }
  /** Whether the worker that prepared with `seen` would go on sleeping. */
  const sleeps = (worker: number, seen: number): boolean => !(bells[worker] as Bell).sleep(seen, 0)
  return { bells, readers, admission, pool, feeder, give, sleeps }
}

test('two runs wake two idle workers, not one of them twice', () => {
  const { bells, give, pool, sleeps } = createFeeder(2)
  const seen = bells.map((bell) => bell.prepareToIdle())
  give(createRun(1), createRun(2))
  assert.deepEqual(
    seen.map((word, worker) => sleeps(worker, word)),
    [false, false],
  )
  assert.equal(pool.open.length, 0)
})

test('a worker that waits inside its run is not called for another', () => {
  const { bells, give, pool, sleeps } = createFeeder(2)
  const seen = (bells[0] as Bell).prepareToSleep()
  give(createRun(1))
  assert.ok(sleeps(0, seen), 'it waits for an answer and would not come')
  assert.equal(pool.open.length, 1, 'the other thread is sent')
})

test('with nobody idle drain tasks are submitted, one per thread at most', () => {
  const { give, pool } = createFeeder(2)
  give(createRun(1), createRun(2), createRun(3), createRun(4))
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
