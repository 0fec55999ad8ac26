// Whether main watches its doorbell before it sleeps, and how long. How many outcomes it waits for is tested with the drain.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DozeFacts, outcomesWorthWaiting, watchUs } from '../../src/dispatch/doze-policy.js'

const facts = (runsAhead: number, runUs: number, hasOwnCore = true, isHigh = false): DozeFacts => ({
  runsAhead: () => runsAhead,
  runUs: () => runUs,
  hasOwnCore,
  pressure: { isHigh },
})

test('main watches for many outcomes of very short runs, longer than they take', () => {
  for (const [outcomes, runUs, expected] of [
    [16, 2, 80],
    [48, 5, 600],
    [40, 0.4, 100],
    [48, 5.1, 0],
  ] as const) {
    assert.equal(watchUs(outcomes, facts(64, runUs)), expected, `${outcomes} of ${runUs} µs`)
  }
})

test('few outcomes of very short runs are not worth waiting for', () => {
  assert.deepEqual(
    [31, 32, 64].map((runs) => outcomesWorthWaiting(facts(runs, 2))),
    [0, 16, 44],
  )
  assert.equal(outcomesWorthWaiting(facts(8, 5.1)), 4, 'of longer ones they are: main sleeps')
})

test('where workers take all cores main sleeps at once', () => {
  assert.equal(watchUs(40, facts(64, 2, false)), 0)
  assert.equal(outcomesWorthWaiting(facts(64, 2, false)), 44)
})

test('where others want its core main sleeps at once, and for fewer outcomes', () => {
  assert.equal(watchUs(40, facts(64, 2, true, true)), 0)
  assert.deepEqual(
    [7, 8, 64].map((runs) => outcomesWorthWaiting(facts(runs, 2, true, true))),
    [0, 4, 44],
  )
})
