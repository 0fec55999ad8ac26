import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAsciiKey, readShortAscii } from '../../src/shared/short-text.js'
import { decodeValue } from '../../src/shared/values.js'
import { encode } from '../support/encoding.js'

const SAMPLE = 'The quick\0brown fox jumps over the lazy dog, twice.'

test('ASCII of any length is read or left to the general reader, from any offset', () => {
  const bytes = Buffer.from(`##${SAMPLE}`)
  for (let length = 0; length <= SAMPLE.length; length++) {
    const expected = SAMPLE.slice(0, length)
    assert.equal(readShortAscii(bytes, 2, length), length <= 12 ? expected : undefined)
    assert.equal(readAsciiKey(bytes, 2, length), length <= 24 ? expected : undefined)
    assert.equal(readAsciiKey(bytes, 2, length), length <= 24 ? expected : undefined, 'known by now')
  }
})

test('a byte beyond ASCII anywhere leaves it to the general reader', () => {
  for (let length = 1; length <= 24; length++) {
    for (let at = 0; at < length; at++) {
      const bytes = Buffer.from(SAMPLE.slice(0, length))
      bytes[at] = 0x80
      assert.equal(readShortAscii(bytes, 0, length), undefined)
      assert.equal(readAsciiKey(bytes, 0, length), undefined)
    }
  }
})

test('keys that share a slot of the table of known keys stay apart', () => {
  const table = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key${(i * 7919) % 5000}`, i]))
  const bytes = encode(table)
  for (let round = 0; round < 3; round++) assert.deepEqual(decodeValue(bytes, { offset: 0 }), table)
})
