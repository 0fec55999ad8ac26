// Bytes arrive whole, at any place, from any kind of memory to any other, and nothing beside them changes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { copyBytes } from '../../src/shared/copy-bytes.js'

const SIZE_BYTES = 2048
const MEMORIES = {
  own: () => new Uint8Array(SIZE_BYTES),
  shared: () => new Uint8Array(new SharedArrayBuffer(SIZE_BYTES)),
  buffer: () => Buffer.from(new SharedArrayBuffer(SIZE_BYTES)),
}
const kinds = fc.constantFrom(...Object.values(MEMORIES))

test('whatever is copied is there, and nothing else', () => {
  fc.assert(
    fc.property(
      kinds,
      kinds,
      fc.nat({ max: 40 }),
      fc.nat({ max: 40 }),
      fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 2000 })),
      (createSource, createTarget, from, at, count) => {
        const source = createSource()
        for (let n = 0; n < SIZE_BYTES; n++) source[n] = (n * 7) % 251
        const target = createTarget().fill(0xee)
        copyBytes(target, at, source, from, count)
        const expected = Buffer.alloc(SIZE_BYTES, 0xee)
        for (let n = 0; n < count; n++) expected[at + n] = ((from + n) * 7) % 251
        assert.ok(expected.equals(target))
      },
    ),
    { numRuns: 2000 },
  )
})

test('what has no room raises, and is not cut', () => {
  for (const count of [49, 257]) {
    const target = new Uint8Array(count - 1)
    assert.throws(() => copyBytes(target, 0, new Uint8Array(count), 0, count), RangeError)
  }
})
