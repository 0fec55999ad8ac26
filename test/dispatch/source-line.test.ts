// Which text a line number of Lua's means.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourceLineOf } from '../../src/dispatch/source-line.js'

const lineOf = (source: string, line: number): string | undefined => sourceLineOf(Buffer.from(source), line)

test('each way to end a line ends one line', () => {
  const source = 'a\nb\rc\r\nd\n\re\n\nf\r\rg'
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((line) => lineOf(source, line)),
    ['a', 'b', 'c', 'd', 'e', '', 'f', '', 'g'],
  )
})

test('a line that is not there is undefined', () => {
  assert.equal(lineOf('', 1), '')
  assert.equal(lineOf('', 2), undefined)
  assert.equal(lineOf('a\n', 2), '')
  assert.equal(lineOf('a\n', 3), undefined)
  assert.equal(lineOf('a', 2 ** 31), undefined)
})

test('a view into a larger buffer is read where it lies', () => {
  const bytes = Buffer.from('before\none\ntwo').subarray(7)
  assert.equal(sourceLineOf(bytes, 1), 'one')
  assert.equal(sourceLineOf(bytes, 2), 'two')
})

test('control characters are written out, broken UTF-8 is shown as such', () => {
  assert.equal(lineOf('x\n\terror("\x1b[2J\0")', 2), '\terror("\\x1b[2J\\x00")')
  assert.equal(sourceLineOf(Uint8Array.of(0x61, 0xff, 0x62), 1), 'a\uFFFDb')
})

test('long lines are cut between characters', () => {
  assert.equal(lineOf('x'.repeat(200), 1), 'x'.repeat(200))
  assert.equal(lineOf('x'.repeat(201), 1), `${'x'.repeat(200)}…`)
  assert.equal(lineOf(`x${'é'.repeat(200)}`, 1), `x${'é'.repeat(99)}…`)
})
