import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Spinner } from '../../workers/spinner.js'

/** Counts looks at the clock, each of which lets a spin's whole time pass. */
function clock(): { now: () => number; looks: number } {
  const counted = {
    looks: 0,
    now: () => {
      counted.looks++
      return counted.looks
    },
  }
  return counted
}

test('a condition that is true already costs no look at the clock', () => {
  const time = clock()
  const spinner = new Spinner(time.now)
  assert.equal(
    spinner.spin(() => true),
    true,
  )
  assert.equal(time.looks, 0)
})

test('after spinning in vain it rests for 1, 2, 4 … 64 waits', () => {
  const time = clock()
  const spinner = new Spinner(time.now)
  const rests: number[] = []
  for (let tries = 0, rest = 0; tries < 10; rest++) {
    const before = time.looks
    spinner.spin(() => false)
    if (time.looks === before) continue
    rests.push(rest)
    rest = -1
    tries++
  }
  assert.deepEqual(rests, [0, 1, 2, 4, 8, 16, 32, 64, 64, 64])
})

test('one success, and it spins each time again', () => {
  const time = clock()
  const spinner = new Spinner(time.now)
  for (let wait = 0; wait < 200; wait++) spinner.spin(() => false)
  // True at the second look: found by spinning only.
  const late = (): (() => boolean) => {
    let looks = 0
    return () => ++looks > 1
  }
  let waits = 0
  while (!spinner.spin(late())) waits++
  assert(waits <= 64)
  for (let wait = 0; wait < 5; wait++) assert(spinner.spin(late()))
})
