// Which runs go on when a thread is gone; what the threads themselves do is in hazards/worker-terminated.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Drain } from '../../src/dispatch/drain.js'
import { ThreadChanges } from '../../src/dispatch/thread-changes.js'
import type { Watchdog } from '../../src/dispatch/watchdog.js'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { createError } from '../../src/errors.js'
import { MAX_REQUEUES } from '../../src/limits.js'
import { createSettler } from './settler-fixture.js'

/** `onDrained`: what the dead worker had appended. */
function createChanges(threads = 1) {
  const parts = createSettler(threads)
  const calls: string[] = []
  const hooks = { onDrained: () => {}, isClosing: false }
  const drain = {
    finish: () => {
      calls.push('drained')
      hooks.onDrained()
    },
    wake: () => calls.push('woken'),
  } as unknown as Drain
  const watchdog = {
    attach: () => calls.push('detached'),
    giveUpArming: () => calls.push('not armed'),
  } as unknown as Watchdog
  const changes = new ThreadChanges({
    ...parts,
    threads,
    drain,
    watchdog,
    isClosing: () => hooks.isClosing,
  })
  const lose = (code?: WorkerSlot['stopCode']): void => {
    const slot = parts.slots.all[0] as WorkerSlot
    slot.stopCode = code
    changes.onGone(slot)
  }
  return { ...parts, changes, hooks, calls, lose }
}

const FAILED = createError('MOONPOOL_START', 'no thread starts')

test('T8: what a lost thread had claimed runs again, what it had begun is rejected', () => {
  const { open, claim, lose, ends, ledger, feeder } = createChanges()
  const [begun, ready] = [open(), open()]
  claim(0, begun, true)
  lose()
  assert.deepEqual([...ends], [[begun.id, 'MOONPOOL_WORKER_LOST']])
  claim(0, ready, false)
  lose()
  assert.equal(ledger.get(ready.id), ready)
  assert.equal(feeder.unclaimed, 1)
})

test('a run that every thread dies under before it begins is rejected at last', () => {
  const { open, claim, lose, ends } = createChanges()
  const run = open()
  for (let n = 0; n < MAX_REQUEUES; n++) {
    claim(0, run, false)
    lose()
    assert.equal(ends.size, 0)
  }
  claim(0, run, false)
  lose()
  assert.equal(ends.get(run.id), 'MOONPOOL_WORKER_LOST')
})

test('a run whose thread was stopped on purpose does not run again, begun or not', () => {
  for (const isBegun of [false, true]) {
    const { open, claim, lose, ends } = createChanges()
    const run = open()
    claim(0, run, isBegun)
    lose('MOONPOOL_TIMEOUT')
    assert.equal(ends.get(run.id), 'MOONPOOL_TIMEOUT')
  }
})

test('a run with a verdict does not run again, and is rejected with that', () => {
  const { open, claim, lose, ends } = createChanges()
  const run = open()
  claim(0, run, false)
  run.verdict = createError('MOONPOOL_ABORTED', 'by its signal')
  lose()
  assert.equal(ends.get(run.id), 'MOONPOOL_ABORTED')
})

test('an outcome in the outbox of a thread that is gone counts', () => {
  const { open, claim, lose, hooks, settler, ends, calls } = createChanges()
  const run = open()
  claim(0, run, true)
  hooks.onDrained = () => settler.settle(run, { durationUs: 5, values: ['its result'] })
  lose()
  assert.equal(ends.get(run.id), 'its result')
  assert.deepEqual(calls, ['detached', 'drained', 'woken'])
})

test('the engine has started when all threads that work are ready', async () => {
  const { changes, slots, calls } = createChanges(2)
  let isStarted = false
  const started = changes.untilStarted().then(() => {
    isStarted = true
  })
  const ready = { readyCount: 1 }
  Object.defineProperty(slots, 'readyCount', { get: () => ready.readyCount })
  changes.onReady(slots.all[0] as WorkerSlot, true)
  await Promise.resolve()
  assert.equal(isStarted, false)
  ready.readyCount = 2
  changes.onReady(slots.all[1] as WorkerSlot, false)
  await started
  assert.deepEqual(calls, ['woken', 'not armed', 'woken'])
})

test('an engine whose threads cannot start rejects what waits, once, and ends those that are there', async () => {
  const { changes, open, ends, stopped } = createChanges(2)
  const started = changes.untilStarted()
  const run = open()
  changes.onFailed(FAILED)
  changes.onFailed(createError('MOONPOOL_START', 'again'))
  await assert.rejects(started, FAILED)
  assert.equal(changes.failure, FAILED)
  assert.equal(ends.get(run.id), 'MOONPOOL_WORKER_LOST')
  assert.deepEqual(stopped, ['MOONPOOL_WORKER_LOST', 'MOONPOOL_WORKER_LOST'])
})

test('while the engine ends, threads that cannot start change nothing', () => {
  const { changes, hooks, open, ends } = createChanges()
  open()
  hooks.isClosing = true
  changes.onFailed(FAILED)
  assert.equal(changes.failure, undefined)
  assert.equal(ends.size, 0)
})
