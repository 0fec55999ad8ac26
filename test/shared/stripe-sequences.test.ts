// Odd while a stripe changes, even afterwards: whatever was there before.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StripeSequences } from '../../src/shared/stripe-sequences.js'

const STRIPE = 1

function createSequences(first: number) {
  const words = new Int32Array(new SharedArrayBuffer(4 * 8))
  words[STRIPE * 2] = first
  return new StripeSequences(words)
}

test('a sequence is odd during a change and another even number after it, also where it wraps', () => {
  for (const first of [0, 2, 2 ** 31 - 2, -2, -(2 ** 31)]) {
    const sequences = createSequences(first)
    sequences.begin(STRIPE)
    const during = sequences.read(STRIPE)
    assert.equal(during & 1, 1)
    assert.ok(!sequences.isStill(STRIPE, first))
    sequences.end(STRIPE)
    const after = sequences.read(STRIPE)
    assert.equal(after & 1, 0)
    assert.ok(after !== first && sequences.isStill(STRIPE, after))
  }
})

test('a stripe that was left odd is even after its next change', () => {
  const sequences = createSequences(4)
  sequences.begin(STRIPE)
  const left = sequences.read(STRIPE)
  sequences.begin(STRIPE)
  const during = sequences.read(STRIPE)
  assert.equal(during & 1, 1)
  assert.notEqual(during, left)
  sequences.end(STRIPE)
  assert.equal(sequences.read(STRIPE) & 1, 0)
})
