// Host → bytes (T1): what arrives, and what the bytes are where that is a promise. Refusals: refused-values.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createContext, runInContext } from 'node:vm'
import { MoonpoolError } from '../../src/errors.js'
import { ByteWriter, decodeValue, encodeValue, type LuaValue } from '../../src/shared/values.js'
import { encode, MIB, roundTrip } from '../support/encoding.js'

test('integers and floats are told apart', () => {
  assert.equal(encode(1)[0], encode(1n)[0])
  assert.notEqual(encode(1)[0], encode(1.5)[0])
  assert.notEqual(encode(0)[0], encode(-0)[0])
  assert.deepEqual(encode(2 ** 31), encode(2n ** 31n))
  assert.deepEqual(encode(-(2 ** 31)), encode(-(2n ** 31n)))
  assert.deepEqual(encode(Number.MAX_SAFE_INTEGER), encode(2n ** 53n - 1n))
  assert.notDeepEqual(encode(2 ** 53), encode(2n ** 53n), 'an unsafe number is a float')
})

test('numbers keep their value at every border', () => {
  const numbers = [
    0,
    -0,
    1,
    -1,
    127,
    255,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 32,
    -(2 ** 32),
  ]
  const borders = [
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53) + 1,
    -(2 ** 53),
    1e300,
    5e-324,
    0.1,
    Infinity,
    -Infinity,
    Number.NaN,
  ]
  for (const number of [...numbers, ...borders])
    assert.ok(Object.is(roundTrip(number), number), String(number))
  for (const bigint of [2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.equal(roundTrip(bigint), bigint)
  }
  assert.equal(roundTrip(2n ** 53n - 1n), 2 ** 53 - 1)
})

test('strings of every length and script come back', () => {
  for (const length of [0, 1, 39, 40, 41, 126, 127, 128, 129, 255, 256, 70_000]) {
    for (const unit of ['a', 'é', '漢', '😀', '\0']) {
      const text = unit.repeat(length)
      assert.equal(roundTrip(text), text)
    }
    assert.equal(roundTrip(`${'a'.repeat(length)}é`), `${'a'.repeat(length)}é`)
  }
  assert.equal(encode('a'.repeat(127)).length, 128)
  assert.equal(encode('a'.repeat(128)).length, 133)
})

test('an 8 MiB string comes back', () => {
  const text = 'x'.repeat(8 * MIB)
  assert.ok(roundTrip(text, 9 * MIB) === text)
  const bytes = new Uint8Array(8 * MIB).fill(0xff)
  assert.deepEqual(roundTrip(bytes, 9 * MIB), bytes)
})

test('byte arrays of any make are byte strings', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3))
  shared.set([0xff, 0, 1])
  for (const bytes of [Uint8Array.of(0xff, 0, 1), Buffer.from([0xff, 0, 1]), shared]) {
    assert.deepEqual(roundTrip(bytes), Uint8Array.of(0xff, 0, 1))
  }
  assert.equal(roundTrip(Buffer.from('text')), 'text')
})

test('null and undefined: nil at the top, absent in objects and maps, holes in arrays', () => {
  assert.equal(roundTrip(null), undefined)
  assert.equal(roundTrip(undefined), undefined)
  assert.deepEqual(roundTrip({ a: undefined, b: null, c: 1 }), { c: 1 })
  assert.deepEqual(roundTrip(new Map([['a', undefined]])), {})
  assert.deepEqual(
    roundTrip([1, undefined, 3]),
    new Map([
      [1, 1],
      [3, 3],
    ]),
  )
  assert.deepEqual(roundTrip([1, null, undefined]), [1])
  assert.deepEqual(roundTrip([undefined]), {})
  assert.deepEqual(roundTrip(Array.from({ length: 3, 1: 'x' })), new Map([[2, 'x']]))
})

test('empty tables of every kind are {}', () => {
  for (const empty of [[], {}, new Map(), Object.create(null)]) assert.deepEqual(roundTrip(empty), {})
})

test('objects: own enumerable text properties, whatever their names', () => {
  const table = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3, "1": 4}')
  const back = roundTrip(table) as { [key: string]: LuaValue }
  assert.deepEqual(back, table)
  assert.ok(Object.hasOwn(back, '__proto__'))
  assert.equal(Object.getPrototypeOf(back), Object.prototype)
  assert.equal(Reflect.get({}, 'polluted'), undefined)
  assert.deepEqual(roundTrip(Object.create(null, { a: { value: 1, enumerable: true }, b: { value: 2 } })), {
    a: 1,
  })
})

test('plain objects of another realm are plain', () => {
  const made = runInContext(
    '({ a: [1, { b: new Map([[1, "x"]]) }], u: new Uint8Array([255]) })',
    createContext(),
  )
  assert.deepEqual(roundTrip(made), { a: [1, { b: ['x'] }], u: Uint8Array.of(255) })
})

test('maps: keys that Lua takes for one are one, the last wins', () => {
  const map = new Map<unknown, unknown>([
    [1, 'a'],
    [1n, 'b'],
    ['1', 'text'],
    [true, 't'],
    [1.5, 'float'],
    [-0, 'zero'],
    [2n ** 53n, 'big'],
    [2 ** 53, 'same big'],
    [Infinity, 'inf'],
  ])
  assert.deepEqual(
    roundTrip(map),
    new Map<unknown, unknown>([
      [1, 'b'],
      ['1', 'text'],
      [true, 't'],
      [1.5, 'float'],
      [0, 'zero'],
      [2n ** 53n, 'same big'],
      [Infinity, 'inf'],
    ]),
  )
  assert.deepEqual(
    roundTrip(
      new Map<unknown, unknown>([
        [1, 'a'],
        [1n, undefined],
      ]),
    ),
    {},
  )
  assert.deepEqual(
    roundTrip(
      new Map([
        [2, 'b'],
        [1, 'a'],
      ]),
    ),
    ['a', 'b'],
  )
})

test('a proxy around plain data is read through', () => {
  assert.deepEqual(roundTrip(new Proxy({ a: 1 }, {})), { a: 1 })
  assert.deepEqual(roundTrip(new Proxy([1, 2], {})), [1, 2])
})

test('data that changes while it is read never gives damaged bytes', () => {
  const list: unknown[] = []
  list.push(Object.defineProperty({}, 'x', { get: () => (list.length = 1), enumerable: true }), 2, 3)
  assert.deepEqual(roundTrip(list), [{ x: 1 }])
  const table: Record<string, unknown> = { b: 1, c: 2 }
  const shrinking = Object.defineProperty({}, 'a', { get: () => delete table.c, enumerable: true })
  assert.deepEqual(roundTrip({ shrinking, ...{}, table }), { shrinking: { a: true }, table: { b: 1 } })
})

test('a getter that calls back with the same writer spoils neither call', () => {
  const out = new ByteWriter()
  let inner: unknown
  const value = Object.defineProperty({}, 'x', {
    get: () => {
      out.length = 0
      try {
        encodeValue('inner', out, MIB, 'value')
      } catch (error) {
        inner = error
      }
      return 1
    },
    enumerable: true,
  })
  assert.throws(() => encodeValue(value, out, MIB, 'args'), { code: 'MOONPOOL_INVALID_VALUE' })
  assert.ok(inner instanceof MoonpoolError)
  out.length = 0
  encodeValue('after', out, MIB, 'args')
  assert.equal(decodeValue(out.slice(), { offset: 0 }), 'after')
})

test('several values lie one behind the other', () => {
  const out = new ByteWriter()
  const values = ['a', 1, { b: [true] }, undefined, 2.5]
  for (const value of values) encodeValue(value, out, MIB, 'args')
  const at = { offset: 0 }
  const bytes = out.slice()
  assert.deepEqual(
    values.map(() => decodeValue(bytes, at)),
    values,
  )
  assert.equal(at.offset, bytes.length)
})
