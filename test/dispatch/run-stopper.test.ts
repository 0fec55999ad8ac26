// A run that is to end before its time, wherever it is then.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../../src/dispatch/run.js'
import { RunStopper } from '../../src/dispatch/run-stopper.js'
import { createError } from '../../src/errors.js'
import { createSettler } from './settler-fixture.js'

const ABORTED = createError('MOONPOOL_ABORTED', 'the host wants it no more')
const OTHER = createError('MOONPOOL_CLOSED', 'this came later')

function createStopper() {
  const parts = createSettler()
  const { admission, queue, ledger, settler, feeder } = parts
  /** Runs that are in a worker now. */
  const running = new Set<Run>()
  const calls = { feeds: 0, interrupts: 0 }
  const stopper = new RunStopper({
    admission,
    queue,
    ledger,
    feed: () => {
      calls.feeds++
      feeder.feed()
    },
    interrupt: (run) => {
      calls.interrupts++
      return running.has(run)
    },
    reject: (run, error) => settler.reject(run, error),
  })
  return { ...parts, stopper, running, calls }
}

/** Runs are so slow that one at a time lies ready. */
function createSlowStopper() {
  const parts = createStopper()
  for (let run = 0; run < 100; run++) parts.lookAhead.noteDuration(500)
  return parts
}

const microtasks = (): Promise<void> => Promise.resolve()

test('a run that waits in its line leaves it and is rejected at once', () => {
  const { stopper, admission, ends, open } = createSlowStopper()
  const runs = [open(), open(), open()]
  assert.equal(admission.size, 1)
  const waiting = runs[2] ?? assert.fail()
  stopper.stop(waiting, ABORTED)
  assert.deepEqual([...ends], [[waiting.id, 'MOONPOOL_ABORTED']])
  assert.equal(admission.size, 0)
})

test('a run that lies ready is taken back, and what waited is sent in its place', async () => {
  const { stopper, admission, feeder, calls, ends, open } = createSlowStopper()
  const [first, second, waiting] = [open(), open(), open()]
  assert.equal(admission.size, 1)
  stopper.stop(first, ABORTED)
  stopper.stop(second, ABORTED)
  assert.deepEqual([...ends.values()], ['MOONPOOL_ABORTED', 'MOONPOOL_ABORTED'])
  assert.equal(calls.feeds, 0, 'what would follow may be stopped as well')
  await microtasks()
  assert.equal(calls.feeds, 1)
  assert.deepEqual([admission.size, feeder.unclaimed, waiting.isShared], [0, 1, true])
})

test('a run that runs is interrupted, and rejected only when it is out of its worker', () => {
  const { stopper, settler, running, calls, ends, open, claim } = createStopper()
  const run = open()
  claim(0, run, true)
  running.add(run)
  stopper.stop(run, ABORTED)
  assert.deepEqual([calls.interrupts, ends.size], [1, 0])
  stopper.retry()
  assert.equal(calls.interrupts, 1, 'it knows already')
  settler.settle(run, { durationUs: 5, values: [1] })
  assert.equal(ends.get(run.id), 'MOONPOOL_ABORTED')
})

test('a run that is claimed and not begun is looked for again until it runs', () => {
  const { stopper, running, calls, open, claim } = createStopper()
  const run = open()
  claim(0, run, false)
  stopper.stop(run, ABORTED)
  stopper.retry()
  assert.equal(calls.interrupts, 2)
  running.add(run)
  stopper.retry()
  stopper.retry()
  assert.equal(calls.interrupts, 3)
})

test('a run that ended meanwhile is looked for no more', () => {
  const { stopper, settler, calls, open, claim } = createStopper()
  const run = open()
  claim(0, run, true)
  stopper.stop(run, ABORTED)
  settler.settle(run, { durationUs: 5, values: [1] })
  const before = calls.interrupts
  stopper.retry()
  assert.equal(calls.interrupts, before)
})

test('a second verdict changes nothing', () => {
  const { stopper, settler, ends, open, claim } = createStopper()
  const run = open()
  claim(0, run, true)
  stopper.stop(run, ABORTED)
  stopper.stop(run, OTHER)
  settler.settle(run, { durationUs: 5, values: [1] })
  assert.equal(ends.get(run.id), 'MOONPOOL_ABORTED')
})
