// Comparing two results files.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareResults, formatChanges, judge } from '../../bench/compare.js'
import { describeMachine } from '../../bench/machine.js'
import type { BenchResults } from '../../bench/results.js'
import { QUICK_PLAN } from '../../bench/selection.js'
import { type Spread, spread } from '../../bench/statistics.js'

const around = (rate: number): Spread => spread([rate * 0.98, rate, rate * 1.02])

function resultsWith(yardstickPerSecond: number | undefined, rates: Record<string, number>): BenchResults {
  const cases = Object.entries(rates).map(([name, rate]) => ({
    name,
    samples: [],
    figures: { perSecond: around(rate) },
  }))
  return {
    date: '2026-01-02T03:04:05.678Z',
    commit: undefined,
    machine: describeMachine(),
    plan: QUICK_PLAN,
    yardstickPerSecond,
    questions: [{ file: 'any', text: 'Is it?', cases, comparisons: [], goals: [] }],
  }
}

test('a change counts when the spreads are apart and it is more than a tenth', () => {
  assert.equal(judge(around(100), around(130)), 'faster')
  assert.equal(judge(around(100), around(70)), 'slower')
  assert.equal(judge(around(100), around(108)), 'no difference')
  assert.equal(judge(spread([50, 100, 150]), spread([100, 140, 180])), 'no difference')
})

test('rates are compared in units of their own yardstick', () => {
  const before = resultsWith(1_000, { steady: 100, better: 100, worse: 100, gone: 1 })
  const after = resultsWith(2_000, { steady: 200, better: 300, worse: 100, fresh: 1 })
  const changes = compareResults(before, after)
  assert.deepEqual(
    changes.map(({ name, ratio, verdict }) => [name, ratio.toFixed(6), verdict]),
    [
      ['steady', '1.000000', 'no difference'],
      ['better', '1.500000', 'faster'],
      ['worse', '0.500000', 'slower'],
    ],
  )
  assert.match(formatChanges(changes), /any.*better.*1\.50.*faster/)
})
