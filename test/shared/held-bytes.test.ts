// Bytes that share arrays with those of others: copied whole, and nothing beside them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyHeld, type HeldBytes, holdBytes, viewOf } from '../../src/shared/held-bytes.js'

const SIZES = [0, 1, 3, 4, 5, 41, 255, 256, 257, 5000]

function patterned(sizeBytes: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, n) => (n * 7 + sizeBytes) & 0xff)
}

/** Held in the middle of an array of others' bytes. */
function heldBetween(bytes: Uint8Array, at: number): HeldBytes {
  const memory = new ArrayBuffer(Math.ceil((at + bytes.length + 9) / 4) * 4)
  const all = new Uint8Array(memory).fill(0xee)
  all.set(bytes, at)
  return { bytes: all, words: new Uint32Array(memory), at, lengthBytes: bytes.length }
}

test('held bytes stay as they were given', () => {
  for (const sizeBytes of SIZES) {
    const given = patterned(sizeBytes)
    assert.deepEqual(viewOf(holdBytes(given)), given)
    assert.deepEqual(viewOf(heldBetween(given, 12)), given)
  }
})

test('a copy fills its own words and no other', () => {
  for (const sizeBytes of SIZES) {
    const given = patterned(sizeBytes)
    for (const held of [holdBytes(given), heldBetween(given, 8)]) {
      const memory = new ArrayBuffer(16 + 4 * Math.ceil(sizeBytes / 4) + 16)
      const bytes = new Uint8Array(memory).fill(0x55)
      copyHeld(bytes, new Int32Array(memory), 16, held)
      const end = 16 + 4 * Math.ceil(sizeBytes / 4)
      assert.deepEqual(bytes.slice(16, 16 + sizeBytes), given)
      assert.ok(bytes.slice(0, 16).every((byte) => byte === 0x55))
      assert.ok(bytes.slice(end).every((byte) => byte === 0x55))
    }
  }
})
