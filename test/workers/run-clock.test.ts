import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunClock } from '../../workers/run-clock.js'

interface Fixture {
  nowMs: number
  looks: number
  readonly clock: RunClock
}

/** A run that began at 1,000 ms and must end before 1,500. */
function createFixture(canShift = false): Fixture {
  const fixture: Fixture = {
    nowMs: 1000,
    looks: 0,
    clock: new RunClock({
      nowMs: () => {
        fixture.looks++
        return fixture.nowMs
      },
      monotonicMs: () => 1000,
      canShift,
    }),
  }
  fixture.clock.beginRun(1500)
  return fixture
}

test('C7 a moment that a run sees only after its deadline has not passed, and the clock is not read', () => {
  const fixture = createFixture()
  for (const momentMs of [1500, 1500.5, 5000, Number.POSITIVE_INFINITY]) {
    assert.equal(fixture.clock.hasPassed(momentMs), false)
  }
  assert.equal(fixture.looks, 0)
})

test('C7 every other moment has passed from its instant on', () => {
  const fixture = createFixture()
  fixture.nowMs = 1200
  const moments = [Number.NEGATIVE_INFINITY, 1199.999, 1200, 1200.001, 1499.999]
  assert.deepEqual(
    moments.map((momentMs) => fixture.clock.hasPassed(momentMs)),
    [true, true, true, false, false],
  )
  assert.equal(fixture.looks, moments.length)
})

test('before the first run nothing is taken for granted', () => {
  const clock = new RunClock({ nowMs: () => 5, monotonicMs: () => 5, canShift: false })
  assert.deepEqual([clock.hasPassed(4), clock.hasPassed(6)], [true, false])
})

test('on a clock that may jump the deadline promises nothing', () => {
  const fixture = createFixture(true)
  fixture.nowMs = 86_400_000
  assert.equal(fixture.clock.hasPassed(1500), true)
  assert.equal(fixture.clock.hasPassed(86_401_500), false)
  assert.equal(fixture.clock.aliveFromMs, Number.POSITIVE_INFINITY)
})
