// Latencies: percentiles, steps and their picture.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationText, histogramText, Latencies } from '../../src/cli/latencies.js'
import { PrintGate } from '../../src/cli/print-gate.js'
import { repeat } from '../../src/cli/repetition.js'

function latenciesOf(...ms: readonly number[]): Latencies {
  const latencies = new Latencies()
  for (const one of ms) latencies.record(one)
  return latencies
}

test('latencies: percentiles in milliseconds', () => {
  const latencies = latenciesOf(...Array.from({ length: 100 }, (_, index) => index + 1))
  const { p50Ms, p90Ms, p99Ms, maxMs } = latencies.percentiles()
  for (const [value, expected] of [
    [p50Ms, 50],
    [p90Ms, 90],
    [p99Ms, 99],
    [maxMs, 100],
  ] as const) {
    assert.ok(Math.abs(value - expected) < expected / 500, `${value} for ${expected}`)
  }
  assert.equal(latencies.count, 100)
})

test('latencies: nothing recorded reads as nothing', () => {
  assert.deepEqual(latenciesOf().percentiles(), { p50Ms: 0, p90Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 })
  assert.deepEqual(latenciesOf().steps(), [])
})

test('latencies: steps of 1, 2, 5, their upper ends not included', () => {
  assert.deepEqual(latenciesOf(0, 0.000_9, 0.001, 0.004_999, 0.005).steps(), [
    { fromUs: 0, toUs: 1, count: 2 },
    { fromUs: 1, toUs: 2, count: 1 },
    { fromUs: 2, toUs: 5, count: 1 },
    { fromUs: 5, toUs: 10, count: 1 },
  ])
  assert.deepEqual(latenciesOf(1, 900_000_000).steps().at(-1), { fromUs: 500_000_000, toUs: null, count: 1 })
})

test('latencies: the fullest step has the whole bar, and none that counts has no bar', () => {
  const latencies = latenciesOf(...Array.from({ length: 80 }, () => 0.15), 1.5, 3)
  assert.equal(
    histogramText(latencies.steps()),
    [
      `   to 200 µs ${'█'.repeat(40)} 80`,
      `   to 500 µs ${' '.repeat(40)} 0`,
      `     to 1 ms ${' '.repeat(40)} 0`,
      `     to 2 ms █${' '.repeat(39)} 1`,
      `     to 5 ms █${' '.repeat(39)} 1`,
    ].join('\n'),
  )
})

test('durations: in the unit that reads best', () => {
  assert.deepEqual([0, 0.5, 999, 1000, 12_345, 1e6, 90e6].map(durationText), [
    '0 µs',
    '0.5 µs',
    '999 µs',
    '1 ms',
    '12.3 ms',
    '1 s',
    '90 s',
  ])
})

test('repetition: so many after the first, never more at a time than asked', async () => {
  let running = 0
  let most = 0
  let done = 0
  const run = async (): Promise<void> => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => void setImmediate(resolve))
    running--
    if (done === 3) throw new Error('third')
  }
  const onDone = (): void => void done++
  const result = await repeat(
    run,
    { runs: 20, firstMs: 5, concurrency: 4, isStopped: () => false, onDone },
    () => 'CODE',
  )
  assert.deepEqual([done, most, running], [20, 4, 0])
  assert.equal(result.latencies.count + result.failed, 21)
  assert.equal(result.runs, 21)
  assert.deepEqual([...result.failures], [['CODE', result.failed]])
  assert.ok(result.failed >= 1 && result.firstError instanceof Error)
})

test('print gate: a load’s lines wait until it is known whether it counts', () => {
  const lines: string[] = []
  const gateOf = (): PrintGate => {
    lines.length = 0
    const gate = new PrintGate((line) => lines.push(line))
    gate.onPrint('load')
    gate.loaded()
    assert.deepEqual(lines, [])
    return gate
  }
  gateOf().onPrint('run')
  assert.deepEqual(lines, ['load', 'run'])
  gateOf().open()
  assert.deepEqual(lines, ['load'])
  const gate = gateOf()
  gate.discard()
  gate.onPrint('run')
  gate.open()
  assert.deepEqual(lines, ['run'])
})
