// What the differential test overlooks, and what it must not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree } from '../support/known-differences.js'

const KNOWN: readonly (readonly [lua54: string, here: string])[] = [
  ['the same', 'the same'],
  ['float:-nan', 'float:nan'],
  [
    "bad argument #1 to 'remove' (position out of bounds)",
    "bad argument #2 to 'remove' (position out of bounds)",
  ],
  [
    "bad argument #2 to 'fmod' (number expected, got no value)",
    "bad argument #1 to 'fmod' (number expected, got nil)",
  ],
  ["script:3: attempt to perform 'n//0'", "script:4: attempt to perform 'n//0'"],
  ["script:3: attempt to perform 'n%%0'", "script:4: attempt to perform 'n%%0'"],
  ['FUNCTION: 0X55D1A0', 'FUNCTION: 0X1F00'],
  [
    "bad argument #1 to 'load' (function expected, got no value)",
    "bad argument #1 to 'load' (function expected, got nil)",
  ],
  ['error: \xff', 'error: \xef\xbf\xbd'],
  ['error: text', 'error: script:7: text'],
  ['error: (table)', 'error: (error object is a table value)'],
  ['error: (nil)', 'error: script:7: (error object is a nil value)'],
  ['error: ', 'error: (error with an empty message)'],
]

const UNKNOWN: readonly (readonly [lua54: string, here: string])[] = [
  ['1', '1.0'],
  ['-1', '1'],
  [
    "bad argument #2 to 'remove' (position out of bounds)",
    "bad argument #1 to 'remove' (position out of bounds)",
  ],
  ["bad argument #1 to 'remove' (table expected)", "bad argument #2 to 'remove' (table expected)"],
  ['script:3: attempt to compare', 'script:4: attempt to compare'],
  ["script:3: attempt to perform 'n//0'", "script:3: attempt to perform 'n%%0'"],
  ['table: 0x55d1a0', 'function: 0x1f00'],
  ['0x10', '0x11'],
  ['\xff', '\xef\xbf\xbd'],
  ['error: script:6: text', 'error: script:7: text'],
  ['error: script:7: text', 'error: text'],
  ['error: text', 'text'],
  ['script:7: text', 'text'],
  ['error: (table)', 'error: (error object is a boolean value)'],
  ['error: (error object is a table value)', 'error: (table)'],
  ['error: ', 'error: script:7: text'],
]

test('what is known to differ from lua5.4 is no difference', () => {
  for (const [lua54, here] of KNOWN) assert.ok(agree(lua54, here), `${lua54} and ${here}`)
})

test('nothing else hides behind it', () => {
  for (const [lua54, here] of UNKNOWN) assert.ok(!agree(lua54, here), `${lua54} and ${here}`)
})
