import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Expiry } from '../../src/store/expiry.js'

const IDS = 60_000
const DAY_MS = 86_400_000

function takeAll(expiry: Expiry, looks = Number.POSITIVE_INFINITY): number[] {
  const taken: number[] = []
  while (expiry.hasExpired) {
    const id = expiry.takeExpired(looks)
    if (id >= 0) taken.push(id)
  }
  return taken.sort((a, b) => a - b)
}

const timeArbitrary = fc.oneof(
  fc.nat({ max: 100 }),
  fc.nat({ max: 40_000 }),
  fc.nat({ max: 40 * DAY_MS }),
  fc.double({ min: 0, max: 2000, noNaN: true }),
  fc.nat({ max: 52 }).map((power) => 2 ** power),
  fc.nat({ max: 51 }).map((power) => 2 ** power - 1),
  fc.maxSafeNat(),
)
const stepArbitrary = fc.oneof(
  { weight: 5, arbitrary: fc.record({ id: fc.nat({ max: 20 }), inMs: timeArbitrary }) },
  { weight: 1, arbitrary: fc.record({ removed: fc.nat({ max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ advance: timeArbitrary, take: fc.nat({ max: 8 }) }) },
)

test('the wheel finds what a sorted list finds, whatever the jumps and however small the slices', () => {
  fc.assert(
    fc.property(timeArbitrary, fc.array(stepArbitrary, { maxLength: 80 }), (start, steps) => {
      let now = start
      const expiry = new Expiry(21, now)
      const deadlines = new Map<number, number>()
      for (const step of steps) {
        if ('id' in step) {
          // From 2^53 on the store sets no deadline.
          const deadline = Math.min(now + step.inMs, Number.MAX_SAFE_INTEGER)
          expiry.set(step.id, deadline)
          deadlines.set(step.id, Math.max(1, Math.ceil(deadline)))
        } else if ('removed' in step) {
          expiry.remove(step.removed)
          deadlines.delete(step.removed)
        } else {
          now = Math.max(now, Math.min(now + step.advance, Number.MAX_SAFE_INTEGER - 1))
          expiry.advance(now)
          // What is not taken now stays for a later turn, also across further advances.
          for (let turn = 0; turn < step.take; turn++) {
            const id = expiry.takeExpired(2)
            if (id < 0) continue
            assert.ok((deadlines.get(id) ?? Number.POSITIVE_INFINITY) <= now)
            deadlines.delete(id)
          }
        }
        assert.equal(expiry.size, deadlines.size)
        for (const [id, deadline] of deadlines) assert.equal(expiry.deadlineOf(id), deadline)
      }
      const over = [...deadlines].filter(([, deadline]) => deadline <= Math.floor(now)).map(([id]) => id)
      expiry.advance(now)
      assert.deepEqual(
        takeAll(expiry, 3),
        over.sort((a, b) => a - b).filter((id) => deadlines.has(id)),
      )
      assert.equal(expiry.size, deadlines.size - over.length)
    }),
    { numRuns: 3000 },
  )
})

test('a deadline is rounded up to whole milliseconds and reached exactly then', () => {
  const expiry = new Expiry(IDS, 10.9)
  expiry.set(7, 12.1)
  assert.equal(expiry.deadlineOf(7), 13)
  expiry.advance(12.999)
  assert.equal(expiry.takeExpired(10), -1)
  expiry.advance(13)
  assert.equal(expiry.takeExpired(10), 7)
  assert.equal(expiry.size, 0)
})

test('time that stands still or goes back changes nothing', () => {
  const expiry = new Expiry(IDS, 5000)
  expiry.set(1, 5001)
  expiry.advance(5000)
  expiry.advance(10)
  expiry.advance(Number.NaN)
  assert.deepEqual(takeAll(expiry), [])
  expiry.advance(5001)
  assert.deepEqual(takeAll(expiry), [1])
})

test('every digit of the time works, up to the last before 2^53', () => {
  for (let power = 0; power < 53; power++) {
    const expiry = new Expiry(IDS, 0)
    const deadline = 2 ** power
    expiry.set(3, deadline)
    expiry.advance(deadline - 1)
    assert.deepEqual(takeAll(expiry), [])
    expiry.advance(deadline)
    assert.deepEqual(takeAll(expiry), [3])
  }
  const last = new Expiry(IDS, 0)
  last.set(0, 2 ** 53 - 1)
  last.advance(2 ** 53 - 2)
  assert.deepEqual(takeAll(last), [])
  last.advance(2 ** 53 - 1)
  assert.deepEqual(takeAll(last), [0])
})

test('a jump over many expired entries is taken in slices', () => {
  const expiry = new Expiry(IDS, 0)
  for (let id = 0; id < 50_000; id++) expiry.set(id, 60_000)
  expiry.set(50_000, 60_001)
  expiry.advance(60_000)
  let taken = 0
  for (let turn = 0; turn < 1000; turn++) if (expiry.takeExpired(64) >= 0) taken++
  assert.ok(taken > 900, `${taken} of 1,000 turns gave one`)
  assert.equal(expiry.size, 50_001 - taken)
  assert.equal(taken + takeAll(expiry).length, 50_000)
  assert.equal(expiry.deadlineOf(50_000), 60_001)
})

test('a turn that only sorted says that there is more', () => {
  const expiry = new Expiry(IDS, 0)
  for (let id = 0; id < 100; id++) expiry.set(id, 1100 + id)
  expiry.advance(1030)
  assert.equal(expiry.takeExpired(10), -1)
  assert.equal(expiry.hasExpired, true)
  assert.deepEqual(takeAll(expiry, 10), [])
  assert.equal(expiry.hasExpired, false)
  expiry.advance(1199)
  assert.equal(takeAll(expiry, 10).length, 100)
})
