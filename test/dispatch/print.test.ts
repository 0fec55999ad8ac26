import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printableLine } from '../../src/dispatch/print.js'

const line = (text: string): string => printableLine(Buffer.from(text))

test('text and tabs stay as they are', () => {
  assert.equal(line('user\t42\tünïcode ✓ 𝄞 \\n'), 'user\t42\tünïcode ✓ 𝄞 \\n')
  assert.equal(line(''), '')
})

test('what moves a cursor, a title or a line is written out', () => {
  assert.equal(line('a\nb\r\nc'), 'a\\nb\\r\\nc')
  assert.equal(line('\u001b[2J\u001b]0;title\u0007'), '\\x1b[2J\\x1b]0;title\\x07')
  assert.equal(line('\0\b\v\f\u007f'), '\\x00\\x08\\x0b\\x0c\\x7f')
  assert.equal(line('\u0080\u0085\u009b31m'), '\\x80\\x85\\x9b31m', 'C1 controls, as UTF-8')
})

test('bytes that are no UTF-8 become the replacement character', () => {
  assert.equal(printableLine(Buffer.from([0x61, 0xff, 0x9b, 0x62])), 'a\ufffd\ufffdb')
})

test('whatever is printed, no control character but the tab is left', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must be gone
      assert.doesNotMatch(printableLine(Buffer.from(bytes)), /[\x00-\x08\x0a-\x1f\x7f-\x9f]/)
    }),
  )
})
