// Whether cores are short, by what the system counts: with counts and a clock of the test's own, and with a real one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CorePressure } from '../../src/dispatch/core-pressure.js'

test('pressure is high while threads lose their cores more than once a millisecond', () => {
  let [nowMs, switches] = [1000, 50_000]
  const pressure = new CorePressure(
    () => nowMs,
    () => switches,
  )
  const after = (ms: number, more: number): boolean => {
    nowMs += ms
    switches += more
    return pressure.isHigh
  }
  assert.equal(pressure.isHigh, false)
  assert.equal(after(10, 10), false, 'what was counted before does not matter')
  assert.equal(after(10, 11), true)
  assert.equal(after(9, 0), true, 'nobody looks yet')
  assert.equal(after(1, 0), false)
  assert.equal(after(500, 500), false, 'over a longer time')
  assert.equal(after(500, 501), true)
})

test('looks are rare, however often it is asked', () => {
  let [nowMs, looks] = [0, 0]
  const pressure = new CorePressure(
    () => nowMs,
    () => looks++,
  )
  for (let n = 0; n < 1000; n++) {
    nowMs += 0.1
    assert.equal(pressure.isHigh, false)
  }
  assert.ok(looks <= 11, `${looks}`)
})

test('the system says a number', () => {
  assert.equal(typeof new CorePressure().isHigh, 'boolean')
})
