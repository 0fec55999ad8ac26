// Comparing two results files.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { compareResults, formatChanges, judge } from '../../bench/compare.js'
import { describeMachine } from '../../bench/machine.js'
import type { BenchResults } from '../../bench/results.js'
import { writeResults } from '../../bench/results-file.js'
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
    changes.map(({ name, ratio, verdict }) => [name, ratio.median.toFixed(6), verdict]),
    [
      ['steady', '1.000000', 'no difference'],
      ['better', '1.500000', 'faster'],
      ['worse', '0.500000', 'slower'],
    ],
  )
  assert.match(formatChanges(changes), /any.*better.*1\.50.*faster/)
})

test('what is judged by a time or a size is better when it is less', () => {
  const withFigure = (figure: 'startMs' | 'rssMiB', yardstick: number, value: number): BenchResults => {
    const results = resultsWith(yardstick, { one: 1 })
    const cases = [{ name: 'one', samples: [], figures: { [figure]: around(value) } }]
    return { ...results, questions: results.questions.map((question) => ({ ...question, cases })) }
  }
  const compare = (figure: 'startMs' | 'rssMiB', after: number): string | undefined =>
    compareResults(withFigure(figure, 1_000, 100), withFigure(figure, 2_000, after))[0]?.verdict
  assert.equal(compare('startMs', 50), 'no difference', 'half the time on a machine twice as fast')
  assert.equal(compare('startMs', 25), 'faster')
  assert.equal(compare('startMs', 100), 'slower')
  assert.equal(compare('rssMiB', 100), 'no difference', 'a size does not depend on the speed')
  assert.equal(compare('rssMiB', 200), 'slower')
})

test('the exit code says whether something is slower', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const program = fileURLToPath(new URL('../../bench/compare.js', import.meta.url))
  const write = (name: string, rates: Record<string, number>): string =>
    writeResults(folder, resultsWith(1_000, rates), name)
  const before = write('before', { a: 100, b: 100 })
  const exitCode = (after: string): number | null =>
    spawnSync(process.execPath, [program, before, after], { encoding: 'utf8' }).status
  assert.equal(exitCode(write('better', { a: 100, b: 200 })), 0)
  assert.equal(exitCode(write('worse', { a: 50, b: 200 })), 1)
  assert.equal(exitCode(write('other', { c: 1 })), 2)
})
