// Host → bytes (T1): what is refused, how the refusal reads, and that it comes at exactly the border.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_DEPTH } from '../../src/limits.js'
import type { LuaValue } from '../../src/shared/values.js'
import { encode, refusal, roundTrip } from '../support/encoding.js'
import { nested } from '../support/lua-values.js'

test('a bigint beyond 64 bits is refused', () => {
  const text = 'args.n is a bigint beyond 64 bits: use Number(value) or String(value)'
  assert.equal(refusal({ n: 2n ** 63n }).message, text)
  assert.equal(refusal({ n: -(2n ** 63n) - 1n }).message, text)
})

test('lone surrogates are refused, in values and keys, short and long', () => {
  const text = /^args.*is a string with a lone surrogate: use value\.toWellFormed\(\)$/
  for (const bad of ['\ud800', 'a\udc00b', `${'x'.repeat(200)}\ud800`]) {
    assert.match(refusal(bad).message, text)
    assert.match(refusal([bad]).message, text)
    assert.match(refusal({ [bad]: 1 }).message, text)
    assert.match(refusal(new Map([[bad, 1]])).message, text)
  }
})

test('maps: other keys are refused', () => {
  const tail = 'use strings, numbers, bigints or booleans as keys'
  assert.equal(refusal({ m: new Map([[Number.NaN, 1]]) }).message, `args.m has a key NaN: ${tail}`)
  assert.equal(refusal({ m: new Map([[{}, 1]]) }).message, `args.m has a key of type object: ${tail}`)
  assert.equal(refusal(new Map([[null, 1]])).message, `args has a key of type null: ${tail}`)
  assert.match(refusal(new Map([[2n ** 64n, 1]])).message, /bigint beyond 64 bits/)
})

test('what is no data is refused by path, with the conversion to use', () => {
  class User {
    name = 'Ada'
  }
  class Money {
    toJSON(): string {
      return '1'
    }
  }
  class Bag {
    [Symbol.iterator](): Iterator<number> {
      return [][Symbol.iterator]()
    }
  }
  const cases: [value: unknown, text: string][] = [
    [new Date(0), 'a Date: use date.getTime() or date.toISOString()'],
    [new Set([1]), 'a Set: use [...set]'],
    [() => 1, 'a function: give data, not code'],
    [Symbol('x'), 'a symbol: use symbol.description'],
    [Promise.resolve(1), 'a Promise: await it first'],
    [new Error('x'), 'an Error: use error.message'],
    [/x/, 'a RegExp: use regexp.source'],
    [new ArrayBuffer(1), 'an ArrayBuffer: use new Uint8Array(buffer)'],
    [
      new DataView(new ArrayBuffer(1)),
      'a DataView: use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)',
    ],
    [
      new Float64Array(1),
      'a typed array of numbers: use Array.from(array), or a Uint8Array over its buffer for bytes',
    ],
    [Object(1), 'a boxed primitive: use value.valueOf()'],
    [new WeakMap(), 'a weak collection: its content cannot be listed'],
    [[].values(), 'an iterator: use [...iterator]'],
    [new Map().keys(), 'an iterator: use [...iterator]'],
    [new URL('http://x/'), 'a URL: use url.href'],
    [new URLSearchParams(), 'URLSearchParams: use Object.fromEntries(params)'],
    [new User(), 'an instance of User: give a plain object, such as { ...value }'],
    [new Money(), 'an instance of Money: use value.toJSON()'],
    [new Bag(), 'an instance of Bag: use [...value] or Object.fromEntries(value)'],
    [Object.create({}), 'an instance of Object: give a plain object, such as { ...value }'],
  ]
  for (const [value, text] of cases) {
    assert.equal(refusal({ user: { born: value } }).message, `args.user.born is ${text}`)
    assert.equal(refusal([0, value]).message, `args[1] is ${text}`)
    assert.equal(refusal(value).message, `args is ${text}`)
  }
})

test('paths say which key, of whatever kind and depth', () => {
  const bad = Symbol('x')
  const pathOf = (value: unknown): string => refusal(value).message.replace(/ is a symbol.*$/, '')
  assert.equal(pathOf({ list: [1, 2, { cb: bad }] }), 'args.list[2].cb')
  assert.equal(pathOf({ 'a b': bad }), 'args["a b"]')
  assert.equal(pathOf({ '': bad }), 'args[""]')
  assert.equal(pathOf({ größe: bad }), 'args.größe')
  assert.equal(pathOf(new Map<unknown, unknown>([[1n, { x: bad }]])), 'args[1].x')
  assert.equal(pathOf(new Map<unknown, unknown>([[2n ** 60n + 1n, bad]])), 'args[1152921504606846977n]')
  assert.equal(pathOf(new Map([[true, bad]])), 'args[true]')
  let deep: unknown = bad
  for (let i = 0; i < 100; i++) deep = { [`k${i}`]: deep }
  assert.equal(pathOf(deep), 'args.k99.k98.k97.k96.k95.k94.k93.k92.k91.k90….k3.k2.k1.k0')
  assert.ok(pathOf({ ['x'.repeat(10_000)]: bad }).length < 100)
})

test('cycles are refused where they close; shared references are copied', () => {
  const user: Record<string, unknown> = { name: 'Ada' }
  user.self = user
  const text = 'contains itself (a cycle): leave the reference out, or give an id instead'
  assert.equal(refusal({ user }).message, `args.user.self ${text}`)
  const list: unknown[] = []
  list.push([list])
  assert.equal(refusal(list).message, `args[0][0] ${text}`)
  const map = new Map<string, unknown>()
  map.set('m', map)
  assert.equal(refusal(map).message, `args.m ${text}`)
  const shared = { x: 1 }
  const back = roundTrip([shared, shared]) as LuaValue[]
  assert.deepEqual(back, [{ x: 1 }, { x: 1 }])
  assert.notEqual(back[0], back[1])
})

test(`${MAX_DEPTH} tables deep works, one more is refused`, () => {
  assert.deepEqual(roundTrip(nested(MAX_DEPTH)), nested(MAX_DEPTH))
  assert.match(
    refusal(nested(MAX_DEPTH + 1)).message,
    /^args.*… *.* is nested deeper than 128 tables: flatten it$/,
  )
  assert.match(refusal(nested(100_000)).message, /is nested deeper than 128 tables/)
})

test('size: exactly maxBytes works, one less is refused', () => {
  for (const value of [
    'x'.repeat(300),
    'é'.repeat(30),
    5,
    1.5,
    2 ** 40,
    true,
    null,
    [1, 2],
    { a: 'b' },
    new Map([[1, 2]]),
    Buffer.alloc(200),
  ]) {
    const size = encode(value).length
    assert.equal(encode(value, size).length, size)
    const error = refusal(value, size - 1)
    assert.equal(error.message, `args takes more than ${size - 1} bytes: give less, or raise that limit`)
    assert.equal(error.reason, 'too large')
  }
  assert.equal(refusal(new Array(2 ** 32 - 1)).reason, 'too large')
})

test('sharing that multiplies stops at maxBytes', () => {
  let value: unknown = 'laugh'
  for (let i = 0; i < 60; i++) value = [value, value]
  assert.equal(refusal(value).reason, 'too large')
})

test('getters and proxies that throw are refused by path, with the cause', () => {
  const cause = new Error('no')
  const text = 'args.user.born cannot be read: a getter or proxy threw'
  const thrower = (): never => {
    throw cause
  }
  const getter = Object.defineProperty({}, 'born', { get: thrower, enumerable: true })
  const error = refusal({ user: getter })
  assert.equal(error.message, text)
  assert.equal(error.cause, cause)
  const proxies: ProxyHandler<object>[] = [{ ownKeys: thrower }, { getPrototypeOf: thrower }]
  for (const handler of proxies) {
    const refused = refusal({ user: { born: new Proxy({}, handler) } })
    assert.equal(refused.message, text)
    assert.equal(refused.cause, cause)
  }
  const odd = Object.defineProperty({}, 'x', {
    get: () => {
      throw undefined
    },
    enumerable: true,
  })
  assert.match(refusal(odd).message, /^args\.x cannot be read/)
})
