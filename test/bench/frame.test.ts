// The frame of the bench: arithmetic, selection, processes and the results file. Nothing here is timed.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeCommit, describeMachine, describeNoise } from '../../bench/machine.js'
import { measureLoop } from '../../bench/measure.js'
import { countRounds, pairRounds } from '../../bench/paired.js'
import { formatQuestion } from '../../bench/report.js'
import { summarizeQuestion } from '../../bench/results.js'
import { writeResults } from '../../bench/results-file.js'
import { type CaseResult, countSteps, runCases } from '../../bench/runner.js'
import { FULL_PLAN, isSelected, type Plan, parseArguments, QUICK_PLAN } from '../../bench/selection.js'
import { median, pairedRatio, percentile, spread } from '../../bench/statistics.js'
import { isWithin, REFERENCE_PER_SECOND, readSpeed, scaleGoal } from '../../bench/yardstick.js'
import { projectRoot } from '../support/project.js'
import { question } from './fixtures/fake-case.js'

const plan: Plan = { warmUpMs: 1, runUpMs: 1, sampleMs: 2, samples: 3, slowSamples: 1 }
const fakeFile = new URL('./fixtures/fake-case.js', import.meta.url).href

function runFakes(...names: string[]): Promise<CaseResult[]> {
  const cases = names.map((name) => question.cases.find((each) => each.name === name))
  return runCases(
    fakeFile,
    cases.filter((each) => each !== undefined),
    plan,
    () => {},
  )
}

test('percentiles are interpolated and do not depend on the order', () => {
  assert.equal(median([5]), 5)
  assert.equal(median([9, 1, 5]), 5)
  assert.equal(median([4, 1, 3, 2]), 2.5)
  assert.equal(percentile([30, 10, 20], 0), 10)
  assert.equal(percentile([30, 10, 20], 1), 30)
  assert.equal(percentile([0, 10], 0.25), 2.5)
  assert.throws(() => median([]), RangeError)
  const samples = [3, 1, 2]
  median(samples)
  assert.deepEqual(samples, [3, 1, 2], 'the samples stay as they are')
})

test('a spread is median, 10th and 90th percentile', () => {
  const samples = Array.from({ length: 11 }, (_, n) => n * 10)
  assert.deepEqual(spread(samples), { median: 50, low: 10, high: 90, count: 11 })
})

test('a ratio pairs the samples of one round, so drift cancels out', () => {
  assert.deepEqual(pairedRatio([10, 100, 1000], [5, 50, 500]), { median: 2, low: 2, high: 2, count: 3 })
  assert.equal(pairedRatio([10, 100, 1000], [5, 50]).count, 2, 'rounds that one side missed do not count')
})

test('two ways of one work are compared in turn, each of them first as often', async () => {
  const order: string[] = []
  const way = (name: string, rate: number) => async (forMs: number) => {
    order.push(`${name} ${forMs}`)
    return rate
  }
  assert.deepEqual(await pairRounds(4, 5, way('a', 6), way('b', 3)), [2, 2, 2, 2])
  assert.deepEqual(order.map(([name]) => name).join(''), 'abbaabba')
  assert.equal(countRounds(400, 25), 32)
  assert.equal(countRounds(1, 25), 4, 'even, and never too few')
})

test('the command line gives plan and filters', () => {
  assert.deepEqual(parseArguments([]), { plan: FULL_PLAN, filters: [], unknownOptions: [] })
  assert.deepEqual(parseArguments(['Limiter', '--quick', 'naive']), {
    plan: QUICK_PLAN,
    filters: ['limiter', 'naive'],
    unknownOptions: [],
  })
  assert.deepEqual(parseArguments(['--fast']).unknownOptions, ['--fast'])
  assert.deepEqual(parseArguments(['--name', 'v1.2', 'naive']), {
    plan: FULL_PLAN,
    filters: ['naive'],
    name: 'v1.2',
    unknownOptions: [],
  })
  assert.deepEqual(parseArguments(['--name', '../v1']).unknownOptions, ['--name ../v1'])
})

test('a filter meets file names, case names, or both with a slash between', () => {
  assert.ok(isSelected([], 'empty-run', 'moonpool, 64 in flight'))
  assert.ok(isSelected(['empty'], 'empty-run', 'moonpool, 64 in flight'))
  assert.ok(isSelected(['moonpool'], 'empty-run', 'Moonpool, 64 in flight'))
  assert.ok(isSelected(['run/moon'], 'empty-run', 'moonpool, 64 in flight'))
  assert.ok(isSelected(['nothing', '64 in'], 'empty-run', 'moonpool, 64 in flight'))
  assert.ok(!isSelected(['nothing'], 'empty-run', 'moonpool, 64 in flight'))
})

test('goals scale with the yardstick: rates up, times down', () => {
  const speed = readSpeed({
    perSecond: REFERENCE_PER_SECOND * 2,
    processCpuUs: 1e6 / (REFERENCE_PER_SECOND * 4),
  })
  assert.deepEqual(speed, { wall: 2, cpu: 4 })
  assert.deepEqual(scaleGoal('perSecond', { atLeast: 100 }, { wall: 2, cpu: 4 }), { atLeast: 200 })
  assert.deepEqual(scaleGoal('p50Us', { atMost: 60 }, { wall: 2, cpu: 4 }), { atMost: 30 })
  assert.deepEqual(scaleGoal('mainCpuUs', { atMost: 60 }, { wall: 2, cpu: 4 }), { atMost: 15 })
  assert.equal(readSpeed({}), undefined)
  assert.ok(isWithin(5, { atLeast: 5, atMost: 5 }))
  assert.ok(!isWithin(4.9, { atLeast: 5 }) && !isWithin(5.1, { atMost: 5 }))
})

test('a busy machine is named', () => {
  const machine = { ...describeMachine(), cores: 4 }
  assert.equal(describeNoise({ ...machine, loadAverage: 0.3 }), undefined)
  assert.match(describeNoise({ ...machine, loadAverage: 5 }) ?? '', /load average 5\.0 on 4 cores/)
})

test('a loop is counted in operations, not in bodies', () => {
  let bodies = 0
  const { operations, seconds } = measureLoop(() => bodies++, 100, 1)
  assert.equal(operations, bodies * 100)
  assert.ok(seconds > 0)
})

test('a case runs in its own process, sample by sample', async () => {
  const steps: string[] = []
  const works = question.cases.filter(({ name }) => name === 'works')
  const results = await runCases(fakeFile, works, plan, (what) => steps.push(what))
  assert.deepEqual(results, [
    {
      name: 'works',
      samples: Array.from({ length: 3 }, () => ({
        operations: 20,
        seconds: 0.002,
        figures: { perSecond: 10_000, eachUs: 100, p50Us: 3 },
      })),
    },
  ])
  assert.deepEqual(
    steps,
    ['check', 'warm-up', 'sample 1', 'sample 2', 'sample 3'].map((s) => `works: ${s}`),
  )
  assert.equal(steps.length, countSteps(1, plan))
})

test('a case that fails says how, and the others go on', async () => {
  const results = await runFakes(
    'wrong',
    'does not open',
    'measures nothing',
    'dies',
    'does not end cleanly',
    'works',
  )
  const failures = Object.fromEntries(results.map(({ name, failure }) => [name, failure?.split('\n')[0]]))
  assert.deepEqual(failures, {
    wrong: 'check: Error: it is broken',
    'does not open': 'check: Error: it is broken',
    'measures nothing': 'warm-up: Error: nothing was measured: 0 operations in 1 s',
    dies: 'warm-up: its process ended (exit code 3)',
    'does not end cleanly': 'clean-up: Error: it is broken',
    works: undefined,
  })
  assert.deepEqual(
    results.map(({ samples }) => samples.length),
    [0, 0, 0, 0, 3, 3],
  )
})

test('samples become medians, ratios and verdicts', async () => {
  const results = await runFakes('works', 'half as fast', 'wrong')
  const goals = [{ figure: 'perSecond', atLeast: 15_000 } as const]
  const withGoals = { ...question, cases: question.cases.map((each) => ({ ...each, goals })) }
  const summary = summarizeQuestion('fake-case', withGoals, results, { wall: 0.5, cpu: 0.5 })
  assert.deepEqual(summary.cases[0]?.figures.perSecond, {
    median: 10_000,
    low: 10_000,
    high: 10_000,
    count: 3,
  })
  assert.deepEqual(
    summary.comparisons.map(({ peer, figure, ratio, reached }) => ({
      peer,
      figure,
      median: ratio.median,
      reached,
    })),
    [
      { peer: 'half as fast', figure: 'perSecond', median: 2, reached: true },
      { peer: 'half as fast', figure: 'eachUs', median: 0.5, reached: false },
    ],
    'a peer that failed is compared with nothing',
  )
  assert.deepEqual(
    summary.goals.map(({ case: name, atLeast, reached }) => ({ name, atLeast, reached })),
    [
      { name: 'works', atLeast: 7_500, reached: true },
      { name: 'half as fast', atLeast: 7_500, reached: false },
    ],
  )
  assert.deepEqual(summarizeQuestion('fake-case', withGoals, results, undefined).goals, [])

  const text = formatQuestion(summary)
  for (const part of [question.text, '10,000', 'p50 µs', '2.00 ×', '≥ 1.50 ×', 'FAILED  wrong']) {
    assert.ok(text.includes(part), `the table shows ${part}`)
  }
})

test('a bound can be what two other cases come to in the same run', async () => {
  const results = await runFakes('works', 'half as fast', 'wrong')
  const pair = { subject: 'works', peer: 'half as fast' }
  const turned = { subject: 'half as fast', peer: 'works' }
  const comparisons = [
    { ...pair, atMostAs: pair },
    { ...pair, atMostAs: turned },
    { ...pair, atMostAs: { subject: 'works', peer: 'wrong' } },
  ]
  const summary = summarizeQuestion('fake-case', { ...question, comparisons }, results, undefined)
  assert.deepEqual(
    summary.comparisons.map(({ atMost, reached }) => ({ atMost, reached })),
    [
      { atMost: 2, reached: true },
      { atMost: 0.5, reached: false },
      { atMost: undefined, reached: undefined },
    ],
  )
})

test('the results file holds machine, commit, plan and every sample', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const results = await runFakes('works')
  const path = writeResults(folder, {
    date: '2026-01-02T03:04:05.678Z',
    commit: describeCommit(projectRoot),
    machine: describeMachine(),
    plan,
    yardstickPerSecond: 7_000_000,
    questions: [summarizeQuestion('fake-case', question, results, { wall: 1, cpu: 1 })],
  })
  assert.equal(path, join(folder, '2026-01-02T03-04-05Z.json'))
  const read = JSON.parse(readFileSync(path, 'utf8'))
  assert.deepEqual(Object.keys(read.machine), [
    'cpu',
    'cores',
    'memoryBytes',
    'kernel',
    'node',
    'loadAverage',
  ])
  assert.equal(read.machine.node, process.version)
  assert.match(read.commit ?? '0'.repeat(40), /^[0-9a-f]{40}\+?$/)
  assert.deepEqual(read.plan, plan)
  assert.deepEqual(read.questions[0].cases[0].samples, results[0]?.samples)
})
