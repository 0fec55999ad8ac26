import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { createError } from '../../src/errors.js'
import { createSettler } from './settler-fixture.js'

const LATE = createError('MOONPOOL_ABORTED', 'main came to this before')
const FAULT = { code: 'MOONPOOL_LUA_ERROR', message: 'limiter.lua:3: no', traceback: '', line: 3 } as const

test('an outcome settles its run and makes its place free', () => {
  const { settler, feeder, ends, open } = createSettler()
  const [well, badly] = [open(), open()]
  assert.equal(feeder.sharedRuns, 2)
  settler.settle(well, { durationUs: 5, values: [1, 2] })
  settler.settle(badly, { durationUs: 5, fault: FAULT })
  assert.deepEqual([ends.get(well.id), ends.get(badly.id)], ['1,2', 'MOONPOOL_LUA_ERROR'])
  assert.equal(feeder.sharedRuns, 0)
})

test('what main came to before counts more than what the run ended with', () => {
  const { settler, ends, open } = createSettler()
  const runs = [open(), open()]
  for (const run of runs) run.verdict = LATE
  settler.settle(runs[0] ?? assert.fail(), { durationUs: 5, values: [1] })
  settler.settle(runs[1] ?? assert.fail(), { durationUs: 5, fault: FAULT })
  assert.deepEqual([...ends.values()], ['MOONPOOL_ABORTED', 'MOONPOOL_ABORTED'])
})

test('a run that is settled already is left alone', () => {
  const { settler, ledger, feeder, ends, open } = createSettler()
  const run = open()
  settler.reject(run, LATE)
  settler.settle(run, { durationUs: 5, values: [1] })
  settler.stop(run, 'MOONPOOL_CLOSED')
  assert.equal(ends.get(run.id), 'MOONPOOL_ABORTED')
  assert.deepEqual([ledger.completed, ledger.failed, feeder.sharedRuns], [0, 1, 0])
})

test('how long a load took says nothing of how long runs take', () => {
  const { settler, lookAhead, open } = createSettler()
  const before = lookAhead.maxRuns
  for (let load = 0; load < 100; load++)
    settler.settle(open({ source: new Uint8Array(1) }), { durationUs: 9000 })
  assert.equal(lookAhead.maxRuns, before)
  for (let run = 0; run < 100; run++) settler.settle(open(), { durationUs: 9000 })
  assert.equal(lookAhead.maxRuns, 1)
})

test('runs that no worker has begun are rejected wherever they wait, and no others', () => {
  const { settler, lookAhead, admission, ledger, ends, open, claim } = createSettler()
  for (let run = 0; run < 100; run++) lookAhead.noteDuration(500)
  const [claimed, ready, waiting] = [open(), open(), open()]
  assert.equal(admission.size, 1)
  claim(0, claimed, true)
  settler.stopWaiting('MOONPOOL_CLOSED')
  assert.deepEqual(
    [...ends],
    [
      [ready.id, 'MOONPOOL_CLOSED'],
      [waiting.id, 'MOONPOOL_CLOSED'],
    ],
  )
  assert.equal(ledger.get(claimed.id), claimed)
})

test('a message that main fails at rejects its run and ends the thread, which may wait for an answer', () => {
  const { settler, slots, stopped, ends, open } = createSettler()
  const run = open()
  settler.rejectDefect(run, slots.all[0] as WorkerSlot, new TypeError('a defect'))
  assert.equal(ends.get(run.id), 'MOONPOOL_WORKER_LOST')
  assert.deepEqual(stopped, ['MOONPOOL_WORKER_LOST'])
})
