// Whatever the host gives comes back as the model says, and whatever bytes come in, the reader ends with a value or its
// own error. A failing run prints its seed and the smallest example.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ByteWriter,
  DamagedValueError,
  decodeValue,
  encodeValue,
  endOfValues,
} from '../../src/shared/values.js'
import { encode } from '../support/encoding.js'
import { luaInputs, throughLua } from '../support/lua-values.js'

test('host → bytes → host is what Lua would give back', () => {
  fc.assert(
    fc.property(luaInputs, (value) => {
      const at = { offset: 0 }
      const bytes = encode(value)
      assert.deepEqual(decodeValue(bytes, at), throughLua(value))
      assert.equal(at.offset, bytes.length)
    }),
    { numRuns: 3000 },
  )
})

test('what came back may be given again and stays the same', () => {
  fc.assert(
    fc.property(luaInputs, (value) => {
      const first = decodeValue(encode(value), { offset: 0 })
      assert.deepEqual(decodeValue(encode(first), { offset: 0 }), first)
    }),
    { numRuns: 500 },
  )
})

function assertExtent(bytes: Uint8Array): void {
  try {
    assert.ok(endOfValues(bytes, 0, 1) <= bytes.length)
  } catch (error) {
    assert.ok(error instanceof DamagedValueError, `not ours: ${error}`)
  }
}

function assertBounded(bytes: Uint8Array): void {
  const at = { offset: 0 }
  assertExtent(bytes)
  try {
    decodeValue(bytes, at)
  } catch (error) {
    assert.ok(error instanceof DamagedValueError, `not ours: ${error}`)
    assert.equal(at.offset, 0)
    return
  }
  assert.ok(at.offset > 0 && at.offset <= bytes.length)
  assert.equal(endOfValues(bytes, 0, 1), at.offset)
}

test('random bytes give a value or a DamagedValueError', () => {
  const tags = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 8, 8, 0x80, 0x81, 0x85, 0xff)
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc
      .array(fc.oneof(tags, fc.integer({ min: 0, max: 3 })), { maxLength: 64 })
      .map((list) => Uint8Array.from(list)),
  )
  fc.assert(fc.property(bytes, assertBounded), { numRuns: 10_000 })
})

test('valid bytes with some of them changed give a value or a DamagedValueError', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(luaInputs, changes, fc.nat(), (value, edits, cut) => {
      const bytes = encode(value)
      for (const [at, byte] of edits) bytes[at % bytes.length] = byte
      assertBounded(cut % 4 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes)
    }),
    { numRuns: 3000 },
  )
})

test('a value never takes more than its limit, and is refused only beyond it', () => {
  fc.assert(
    fc.property(luaInputs, (value) => {
      const size = encode(value).length
      const out = new ByteWriter()
      encodeValue(value, out, size, 'args')
      assert.equal(out.length, size)
      assert.throws(() => encodeValue(value, out, size - 1, 'args'), { reason: 'too large' })
      assert.equal(out.length, size)
    }),
    { numRuns: 500 },
  )
})
