import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteRange } from '../../src/shared/byte-range.js'

const MEMORY_BYTES = 1024
/** Both sides of where loops end and `set` takes over. */
const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 34, 100, 251, 252, 253, 255, 256, 257, 300]

function createMemory(fill: (n: number) => number): { bytes: Uint8Array; words: Uint32Array } {
  const bytes = Uint8Array.from({ length: MEMORY_BYTES }, (_, n) => fill(n))
  return { bytes, words: new Uint32Array(bytes.buffer) }
}

/** What lies around the copy is unchanged, but for zeros that fill up its last word. */
function check(target: Uint8Array, at: number, expected: Uint8Array): void {
  const end = at + expected.length
  const filledEnd = Math.ceil(end / 4) * 4
  assert.deepEqual(target.slice(at, end), expected)
  assert.ok(target.subarray(0, at).every((byte) => byte === 0xaa))
  assert.ok(target.subarray(filledEnd).every((byte) => byte === 0xaa))
  const filler = [...target.subarray(end, filledEnd)]
  assert.ok(filler.every((byte) => byte === 0) || filler.every((byte) => byte === 0xaa))
}

test('a range copies its own bytes, whatever its length, by words and by bytes', () => {
  const range = new ByteRange()
  for (const length of LENGTHS) {
    for (const [from, to] of [
      [0, 0],
      [8, 64],
      [140, 4],
    ] as const) {
      const source = createMemory((n) => (n * 7) | 1)
      const expected = source.bytes.slice(from, from + length)
      const byWords = createMemory(() => 0xaa)
      range.setWords(source.bytes, source.words, from, length)
      range.copyTo(byWords.bytes, new Int32Array(byWords.bytes.buffer), to)
      check(byWords.bytes, to, expected)
      assert.deepEqual(range.slice(), expected)
      const byBytes = createMemory(() => 0xaa)
      range.setBytes(expected)
      range.copyTo(byBytes.bytes, new Int32Array(byBytes.bytes.buffer), to)
      check(byBytes.bytes, to, expected)
      assert.deepEqual(range.slice(), expected)
    }
  }
})

test('a slice is a copy of its own', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  const slice = new ByteRange().setBytes(bytes).slice()
  bytes[0] = 9
  assert.deepEqual([...slice], [1, 2, 3])
})
