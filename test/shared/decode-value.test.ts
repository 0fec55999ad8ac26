// Bytes → host (T2), and what happens when the bytes are none.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_DEPTH } from '../../src/limits.js'
import { DamagedValueError, decodeValue, type LuaValue } from '../../src/shared/values.js'
import { encode } from '../support/encoding.js'
import { nested } from '../support/lua-values.js'

const decode = (...bytes: number[]): LuaValue => decodeValue(Uint8Array.from(bytes), { offset: 0 })
const text = (value: string): number[] => [0x80 + value.length, ...Buffer.from(value, 'latin1')]
const int = (n: number): number[] => [3, ...new Uint8Array(Int32Array.of(n).buffer)]
const float = (n: number): number[] => [5, ...new Uint8Array(Float64Array.of(n).buffer)]
const int64 = (n: bigint): number[] => [4, ...new Uint8Array(BigInt64Array.of(n).buffer)]

function assertDamaged(bytes: Uint8Array | number[], what?: RegExp): void {
  const at = { offset: 0 }
  assert.throws(
    () => decodeValue(Uint8Array.from(bytes), at),
    (error) => error instanceof DamagedValueError && (what === undefined || what.test(error.message)),
  )
  assert.equal(at.offset, 0)
}

test('text is a string, anything else bytes; the copy is its own', () => {
  assert.equal(decode(...text('hello')), 'hello')
  assert.equal(decode(0x82, 0xc3, 0xa9), 'é')
  assert.equal(decode(0x83, 0xef, 0xbf, 0xbd), '\ufffd', 'a replacement character that was one')
  assert.equal(decode(0x83, 0xef, 0xbb, 0xbf), '\ufeff', 'a byte order mark is kept')
  for (const bytes of [
    [0xff],
    [0xc3],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0x61, 0x80],
    [0xef, 0xbf, 0xbd, 0xff],
  ]) {
    assert.deepEqual(decode(0x80 + bytes.length, ...bytes), Uint8Array.from(bytes))
  }
  const source = Uint8Array.of(0x82, 0xff, 0xfe)
  const copy = decodeValue(source, { offset: 0 }) as Uint8Array
  source.fill(0)
  assert.deepEqual(copy, Uint8Array.of(0xff, 0xfe))
  assert.equal(copy.buffer.byteLength, 2)
})

test('every byte value, in values and keys', () => {
  for (let byte = 0; byte < 256; byte++) {
    const expected = byte < 128 ? String.fromCharCode(byte) : Uint8Array.of(byte)
    assert.deepEqual(decode(0x81, byte), expected)
    const table = decode(7, 0, 1, 0x81, byte, 2)
    assert.deepEqual(table, byte < 128 ? { [expected as string]: true } : new Map([[expected, true]]))
  }
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  assert.deepEqual(decodeValue(encode(all), { offset: 0 }), all)
})

test('shared, growing and partial views read alike', () => {
  const value = {
    name: 'Ada',
    é: ['x'.repeat(500), Uint8Array.of(255), 'ü'.repeat(50)],
    n: 1.5,
    big: 2n ** 60n,
  }
  const bytes = encode(value)
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 7), 3)
  shared.set(bytes)
  const growing = new Uint8Array(new SharedArrayBuffer(bytes.length, { maxByteLength: 1e6 } as object))
  growing.set(bytes)
  for (const view of [bytes, shared, growing, Buffer.from(bytes), Buffer.from(shared.buffer, 3)]) {
    assert.deepEqual(decodeValue(view, { offset: 0 }), value)
  }
})

test('the keys decide what a table is, not how the bytes divide them', () => {
  assert.deepEqual(decode(7, 0, 0), {})
  assert.deepEqual(decode(7, 1, 0, 0), {})
  assert.deepEqual(decode(7, 2, 0, 1, 2), [false, true])
  assert.deepEqual(decode(7, 2, 0, 1, 0), [false])
  assert.deepEqual(decode(7, 2, 0, 0, 1), new Map([[2, false]]))
  assert.deepEqual(decode(7, 0, 2, ...int(2), 2, ...int(1), 1), [false, true])
  assert.deepEqual(decode(7, 1, 1, 1, ...int(2), 2), [false, true])
  assert.deepEqual(
    decode(7, 1, 1, 1, ...int(3), 2),
    new Map([
      [1, false],
      [3, true],
    ]),
  )
  assert.deepEqual(decode(7, 0, 1, ...int(0), 2), new Map([[0, true]]))
  assert.deepEqual(
    decode(7, 1, 1, 1, ...text('a'), 2),
    new Map<LuaValue, LuaValue>([
      [1, false],
      ['a', true],
    ]),
  )
  assert.deepEqual(decode(7, 1, 1, 0, ...text('a'), 2), { a: true })
  assert.deepEqual(
    decode(7, 0, 2, ...text('a'), 2, 1, 2),
    new Map<LuaValue, LuaValue>([
      ['a', true],
      [false, true],
    ]),
  )
  assert.deepEqual(
    decode(8, 1, 0, 0, 0, 1, 0, 0, 0, 1, ...text('a'), 2),
    new Map<LuaValue, LuaValue>([
      [1, false],
      ['a', true],
    ]),
  )
})

test('keys: floats with the value of an integer are that integer', () => {
  assert.deepEqual(decode(7, 0, 1, ...float(1), 2), [true])
  assert.deepEqual(decode(7, 0, 1, ...float(-0), 2), new Map([[0, true]]))
  assert.deepEqual(decode(7, 0, 1, ...float(1.5), 2), new Map([[1.5, true]]))
  assert.deepEqual(decode(7, 0, 1, ...float(2 ** 53), 2), new Map([[2n ** 53n, true]]))
  assert.deepEqual(decode(7, 0, 1, ...float(2 ** 63), 2), new Map([[2 ** 63, true]]))
  assert.deepEqual(decode(7, 0, 1, ...int64(5n), 2), new Map([[5, true]]))
  assert.deepEqual(decode(7, 0, 1, ...int64(2n ** 62n), 2), new Map([[2n ** 62n, true]]))
})

test('a key given twice: the last wins, nil takes it away', () => {
  assert.deepEqual(decode(7, 0, 2, ...text('a'), 1, ...text('a'), 2), { a: true })
  assert.deepEqual(decode(7, 0, 2, ...text('a'), 1, ...text('a'), 0), {})
  assert.deepEqual(decode(7, 1, 1, 1, ...int(1), 0), {})
  assert.deepEqual(decode(7, 0, 3, ...text('a'), 1, ...int(1), 2, ...text('a'), 0), [true])
})

test('__proto__ is a property like any other, also where it comes among odd keys', () => {
  const key = text('__proto__')
  const table = decode(7, 0, 1, ...key, 7, 0, 1, ...text('polluted'), 2) as object
  assert.deepEqual(Object.keys(table), ['__proto__'])
  assert.equal(Object.getPrototypeOf(table), Object.prototype)
  assert.deepEqual(
    decode(7, 0, 2, ...key, 2, ...int(9), 2),
    new Map<LuaValue, LuaValue>([
      ['__proto__', true],
      [9, true],
    ]),
  )
  assert.deepEqual(Object.keys(decode(7, 0, 3, ...key, 2, ...int(9), 2, ...int(9), 0) as object), [
    '__proto__',
  ])
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('nothing that is cut off is taken', () => {
  const bytes = encode({ a: [1, 2 ** 40, 1.5, 'x'.repeat(200), true], b: new Map([[1.5, 'y']]) })
  for (let length = 0; length < bytes.length; length++) assertDamaged(bytes.slice(0, length))
})

test('what no writer writes is refused', () => {
  for (let tag = 9; tag < 0x80; tag++) assertDamaged([tag, 0, 0, 0, 0, 0, 0, 0, 0, 0], /tag \d+ is unknown/)
  assertDamaged([7, 0, 1, 0, 2], /table key/)
  assertDamaged([7, 0, 1, 7, 0, 0, 2], /nested|table key/)
  assertDamaged([7, 0, 1, ...float(Number.NaN), 2], /table key/)
  assertDamaged([6, 0xff, 0xff, 0xff, 0xff, 1, 2], /4294967295 bytes wanted/)
  assertDamaged([8, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0], /do not fit/)
  assertDamaged([8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0], /do not fit/)
})

test('an offset outside the bytes is refused', () => {
  for (const offset of [3, 4, 1e9]) {
    assert.throws(() => decodeValue(Uint8Array.of(0, 0, 0), { offset }), DamagedValueError)
  }
})

test(`${MAX_DEPTH} tables deep works, one more is refused`, () => {
  const bytes = encode(nested(MAX_DEPTH))
  assert.deepEqual(decodeValue(bytes, { offset: 0 }), nested(MAX_DEPTH))
  assertDamaged([7, 1, 0, ...bytes], /nested deeper than 128/)
  assertDamaged(
    new Uint8Array(300_000).map((_, i) => (i % 3 === 0 ? 7 : i % 3 === 1 ? 1 : 0)),
    /nested deeper/,
  )
})

test('counts make nothing larger than the bytes: nested tables share one budget', () => {
  const heads = Array.from({ length: 100 }, () => [8, 0x40, 0x42, 0x0f, 0, 0, 0, 0, 0]).flat()
  assertDamaged(new Uint8Array([...heads, ...new Uint8Array(1_000_000)]), /1000000 items/)
})

test('5,000 elements come back', () => {
  const list = Array.from({ length: 5000 }, (_, i) => `item ${i}`)
  assert.deepEqual(decodeValue(encode(list), { offset: 0 }), list)
  const table = Object.fromEntries(list.map((item, i) => [item, i]))
  assert.deepEqual(decodeValue(encode(table), { offset: 0 }), table)
})
