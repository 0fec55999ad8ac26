import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LookAhead } from '../../src/dispatch/look-ahead.js'
import { LOOK_AHEAD_US } from '../../src/limits.js'

function after(durationUs: number, runs: number, threads = 2): LookAhead {
  const lookAhead = new LookAhead(threads)
  for (let run = 0; run < runs; run++) lookAhead.noteDuration(durationUs)
  return lookAhead
}

test('at the beginning each worker may have one run ahead', () => {
  const lookAhead = new LookAhead(3)
  assert.equal(lookAhead.maxRuns, 6)
  assert.ok(lookAhead.expectsSoon)
})

test('short runs lie ahead up to the bound of time, slow ones not at all', () => {
  assert.equal(after(0, 1000).maxRuns, 2 * (1 + LOOK_AHEAD_US), 'never more than at 1 µs')
  assert.equal(after(LOOK_AHEAD_US / 4.5, 500).maxRuns, 2 * (1 + 4))
  const slow = after(10 * LOOK_AHEAD_US, 300)
  assert.equal(slow.maxRuns, 2)
  assert.equal(slow.expectsSoon, false)
})

test('runs of a few hundred microseconds keep one behind them', () => {
  assert.equal(after(3 * LOOK_AHEAD_US, 300).maxRuns, 2 * 2)
})

test('one slow run among many short ones changes nothing; two that are near each other do', () => {
  const lookAhead = after(10, 300)
  const before = lookAhead.maxRuns
  for (let time = 0; time < 5; time++) {
    lookAhead.noteDuration(1_000_000)
    assert.equal(lookAhead.maxRuns, before)
    for (let run = 0; run < 64; run++) lookAhead.noteDuration(10)
  }
  lookAhead.noteDuration(1_000_000)
  for (let run = 0; run < 60; run++) lookAhead.noteDuration(10)
  lookAhead.noteDuration(1_000_000)
  assert.equal(lookAhead.maxRuns, 2 * 2)
  for (let run = 0; run < 50; run++) lookAhead.noteDuration(10)
  assert.ok(lookAhead.maxRuns > 20, 'and are soon forgotten')
})

test('runs that become slow are noticed with the second of them', () => {
  const lookAhead = after(10, 300)
  lookAhead.noteDuration(50_000)
  lookAhead.noteDuration(50_000)
  assert.equal(lookAhead.maxRuns, 2 * 2)
  for (let run = 0; run < 12; run++) lookAhead.noteDuration(50_000)
  assert.equal(lookAhead.maxRuns, 2)
})
