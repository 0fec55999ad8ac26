import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter } from '../../src/shared/values.js'

test('numbers are written little-endian, one behind the other', () => {
  const out = new ByteWriter(1)
  out.u8(0xab)
  out.u32(0x01020304)
  out.i32(-2)
  out.i64(-(2n ** 63n))
  out.f64(1)
  out.raw(Uint8Array.of(9, 8))
  assert.deepEqual(
    [...out.slice()],
    [0xab, 4, 3, 2, 1, 0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 9, 8],
  )
})

test('growth keeps what was written, and lies in an unshared buffer', () => {
  const out = new ByteWriter(1)
  for (let i = 0; i < 5000; i++) out.u8(i)
  assert.equal(out.length, 5000)
  assert.ok(out.slice().every((byte, i) => byte === (i & 0xff)))
  assert.ok(out.bytes.buffer instanceof ArrayBuffer)
  out.reserve(1_000_000)
  assert.equal(out.length, 5000)
  assert.ok(out.bytes.length >= 1_005_000)
})

test('length drops what was written last', () => {
  const out = new ByteWriter()
  out.u32(1)
  out.u32(2)
  out.length = 4
  assert.deepEqual([...out.slice()], [1, 0, 0, 0])
})

test('patches change only what was written', () => {
  const out = new ByteWriter()
  out.u8(0)
  out.u32(0)
  out.patchU8(0, 7)
  out.patchU32(1, 0xfffffffe)
  assert.deepEqual([...out.slice()], [7, 0xfe, 0xff, 0xff, 0xff])
  assert.throws(() => out.patchU8(5, 1), RangeError)
  assert.throws(() => out.patchU32(2, 1), RangeError)
})

test('a slice is a copy and ends where the writing ends', () => {
  const out = new ByteWriter()
  out.u8(1)
  out.u8(2)
  const copy = out.slice(1, 100)
  out.patchU8(1, 5)
  assert.deepEqual([...copy], [2])
})
