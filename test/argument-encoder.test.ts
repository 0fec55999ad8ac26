// The bytes of arguments: each run's own, however many are encoded while it waits.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ArgumentEncoder } from '../src/argument-encoder.js'
import type { EncodedArguments } from '../src/shared/held-bytes.js'
import { decodeValue, type LuaValue } from '../src/shared/values.js'

function decodeAll({ bytes, at, lengthBytes, count }: EncodedArguments): LuaValue[] {
  const cursor = { offset: at }
  const values = Array.from({ length: count }, () => decodeValue(bytes, cursor))
  assert.equal(cursor.offset, at + lengthBytes)
  return values
}

test('arguments that wait stay as they were while others are encoded', () => {
  const encoder = new ArgumentEncoder(1_000_000)
  const textOf = (n: number): string => `${n}:`.padEnd((n * 37) % 2500, 'x')
  const waiting = Array.from({ length: 2_000 }, (_, n) => encoder.each([n, textOf(n), true], 'test'))
  for (let n = 0; n < waiting.length; n++) {
    assert.deepEqual(decodeAll(waiting[n] as EncodedArguments), [n, textOf(n), true])
  }
})

test('arguments that call for another run hold nothing of its arguments', () => {
  const encoder = new ArgumentEncoder(1_000)
  let inner: EncodedArguments | undefined
  const caller = {
    get late() {
      inner = encoder.each(['inner', 1], 'inner')
      return 'outer'
    },
  }
  const outer = encoder.each(['before', caller, 'behind'], 'outer')
  assert.deepEqual(decodeAll(outer), ['before', { late: 'outer' }, 'behind'])
  assert.deepEqual(decodeAll(inner ?? assert.fail()), ['inner', 1])
})

test('refused arguments leave those of others alone', () => {
  const encoder = new ArgumentEncoder(100)
  const before = encoder.one('before', 'test')
  assert.throws(() => encoder.each(['x', Symbol('no')], 'test'), { code: 'MOONPOOL_INVALID_VALUE' })
  assert.throws(() => encoder.one('x'.repeat(101), 'test'), { reason: 'too large' })
  assert.throws(() => encoder.each(['x'.repeat(60), 'y'.repeat(60)], 'test'), { reason: 'too large' })
  assert.throws(() => encoder.each([...Array(30).fill(1.5), 1.5], 'test'), { reason: 'too large' })
  assert.deepEqual(decodeAll(encoder.one('behind', 'test')), ['behind'])
  assert.deepEqual(decodeAll(before), ['before'])
})
