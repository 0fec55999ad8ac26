// The run word with its two sides in one thread, in every order of their steps.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MAX_TIMEOUT_MS } from '../../src/limits.js'
import { WORKER_RUN_WORD, workerWord } from '../../src/shared/layout.js'
import { RunWord } from '../../src/shared/run-word.js'

function createWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * workerWord(2, 0)))
}

/** Main's and the worker's view of worker 1. */
function createSides(words = createWords()) {
  return { words, main: new RunWord(words, 1), worker: new RunWord(words, 1) }
}

test('a run begins, may act and ends; nothing is there to kill before and after', () => {
  const { main, worker } = createSides()
  assert.equal(main.killCurrent(), 0)
  assert.ok(worker.begin(7, 100))
  assert.ok(worker.mayAct())
  assert.equal(main.lastRunId(), 7)
  assert.ok(worker.end())
  assert.equal(main.killCurrent(), 0)
  assert.equal(main.killOverdue(1e9, 0), 0)
  assert.equal(main.lastRunId(), 7, 'the last run is known until the thread is gone')
})

test('a killed run may not act, does not end, and its worker begins nothing more', () => {
  const { main, worker } = createSides()
  worker.begin(7, 100)
  assert.equal(main.killCurrent(), 7)
  assert.equal(main.killCurrent(), 0, 'once')
  assert.equal(worker.mayAct(), false)
  assert.equal(worker.end(), false)
  assert.equal(worker.begin(8, 100), false)
  assert.equal(main.killCurrent(), 0, 'the condemned worker runs nothing')
})

test('only an overdue run is killed: at its deadline, not before', () => {
  const { main, worker } = createSides()
  worker.begin(1, 100.2)
  assert.equal(main.killOverdue(100.9, 0), 0)
  assert.equal(main.killOverdue(101, 0), 1)
})

test('workers of one engine do not see each other', () => {
  const { words, main, worker } = createSides()
  const other = { main: new RunWord(words, 0), worker: new RunWord(words, 0) }
  worker.begin(1, 10)
  other.worker.begin(2, 10)
  assert.equal(other.main.killCurrent(), 2)
  assert.ok(worker.mayAct())
  assert.ok(worker.end())
  assert.equal(main.lastRunId(), 1)
})

test('after a reset the next worker begins anew, and the one before stays condemned', () => {
  const { words, main, worker } = createSides()
  worker.begin(7, 100)
  main.killCurrent()
  main.reset()
  assert.equal(main.lastRunId(), 0)
  const next = new RunWord(words, 1)
  assert.ok(next.begin(8, 100))
  assert.equal(worker.mayAct(), false)
  assert.equal(worker.end(), false)
  assert.equal(worker.begin(9, 100), false)
  assert.ok(next.end())
})

/** All merges of two sequences. */
function* merges<T>(left: readonly T[], right: readonly T[]): Generator<T[]> {
  const [first, ...restLeft] = left
  const [other, ...restRight] = right
  if (first === undefined || other === undefined) {
    yield [...left, ...right]
    return
  }
  for (const rest of merges(restLeft, right)) yield [first, ...rest]
  for (const rest of merges(left, restRight)) yield [other, ...rest]
}

test('in every order of two runs and two kills, exactly one of end and kill wins each run', () => {
  let orders = 0
  const worker = ['begin1', 'end1', 'begin2', 'end2'] as const
  for (const order of merges<(typeof worker)[number] | 'kill'>(worker, ['kill', 'kill'])) {
    orders++
    const sides = createSides()
    const killed: number[] = []
    const ended: number[] = []
    let isCondemned = false
    for (const step of order) {
      if (step === 'kill') {
        const runId = sides.main.killCurrent()
        if (runId > 0) killed.push(runId)
      } else if (!isCondemned) {
        const runId = Number(step.at(-1))
        const isDone = step.startsWith('begin') ? sides.worker.begin(runId, 100) : sides.worker.end()
        if (step.startsWith('end') && isDone) ended.push(runId)
        isCondemned = !isDone
      }
    }
    assert.ok(killed.length <= 1, order.join())
    assert.ok(!killed.some((id) => ended.includes(id)), order.join())
    assert.deepEqual([...ended, ...killed].sort(), killed[0] === 1 ? [1] : [1, 2], order.join())
  }
  assert.equal(orders, 15)
})

test('deadlines compare right across the wraps of 32-bit milliseconds', () => {
  const around = (base: number): fc.Arbitrary<number> =>
    fc.double({ min: -MAX_TIMEOUT_MS, max: MAX_TIMEOUT_MS, noNaN: true }).map((by) => Math.max(0, base + by))
  const start = fc.oneof(
    fc.nat({ max: 1e6 }),
    around(2 ** 31),
    around(2 ** 32),
    around(2 ** 33),
    around(2 ** 40),
  )
  fc.assert(
    fc.property(
      start,
      fc.integer({ min: 1, max: MAX_TIMEOUT_MS }),
      fc.oneof(
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 2 ** 31 - 2, noNaN: true }),
      ),
      (startMs, timeoutMs, laterMs) => {
        const { main, worker } = createSides()
        const deadlineMs = startMs + timeoutMs
        worker.begin(5, deadlineMs)
        assert.equal(main.killOverdue(startMs, 0), 0, 'not at its start')
        const early = deadlineMs - Math.min(laterMs, timeoutMs)
        if (early < deadlineMs) assert.equal(main.killOverdue(early, 0), 0, 'never before the deadline')
        assert.equal(main.killOverdue(deadlineMs + 1 + laterMs, 0), 5, 'always 1 ms after it')
      },
    ),
    { numRuns: 2000 },
  )
})

test('generations wrap and are still told apart', () => {
  const words = createWords()
  Atomics.store(words, workerWord(1, WORKER_RUN_WORD), -8)
  const { main, worker } = createSides(words)
  assert.ok(worker.begin(1, 100))
  assert.ok(worker.end())
  assert.ok(worker.begin(2, 100))
  assert.equal(main.killCurrent(), 2)
  main.reset()
  const next = new RunWord(words, 1)
  assert.ok(next.begin(3, 100))
  assert.ok(next.end())
})
