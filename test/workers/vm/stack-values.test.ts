// Bytes ↔ Lua stack: every kind of value, kept exactly. Refusals and damage: stack-refusals.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MAX_DEPTH } from '../../../src/limits.js'
import { ByteWriter } from '../../../src/shared/values.js'
import { encodeStack, pushValue, pushValues, pushValuesAt } from '../../../workers/vm/stack-values.js'
import { encode, MIB } from '../../support/encoding.js'
import { LuaStack } from '../../support/lua-stack.js'
import { luaInputs, nested, throughLua } from '../../support/lua-values.js'

const stack = new LuaStack()

test('integers and floats stay what they are', () => {
  const kinds = stack.evaluate(
    `local t = ... local kinds = {}
     for i = 1, #t do kinds[i] = math.type(t[i]) end
     return kinds`,
    [1, 1.5, -0, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1n, 2n ** 63n - 1n, -(2n ** 63n), Number.NaN, Infinity],
  )
  const [integer, float] = ['integer', 'float']
  assert.deepEqual(kinds, [
    integer,
    float,
    float,
    integer,
    integer,
    float,
    integer,
    integer,
    integer,
    float,
    float,
  ])
  assert.equal(stack.evaluate('return 1.0'), 1)
  assert.equal(
    stack.evaluate('local x = ... return math.type(x[1]) .. math.type(x[2])', [5, 5.5]),
    'integerfloat',
  )
})

test('Lua sees the exact numbers', () => {
  const checks: [source: string, value: unknown][] = [
    ['... == math.maxinteger', 2n ** 63n - 1n],
    ['... == math.mininteger', -(2n ** 63n)],
    ['... == 9007199254740993', 2n ** 53n + 1n],
    ['... == 9007199254740991', 2 ** 53 - 1],
    ['... == -9007199254740991', -(2 ** 53) + 1],
    ['... == -2147483648 and math.type(...) == "integer"', -(2 ** 31)],
    ['... == 4294967296', 2 ** 32],
    ['... == -1', -1],
    ['... == math.huge', Infinity],
    ['... == -math.huge', -Infinity],
    ['... ~= ...', Number.NaN],
    ['1 / ... == -math.huge', -0],
    ['... == 5e-324', 5e-324],
    ['... == nil', undefined],
    ['... == true', true],
    ['... == false', false],
  ]
  for (const [source, value] of checks) assert.equal(stack.evaluate(`return ${source}`, value), true, source)
})

test('numbers of Lua come back exactly', () => {
  const cases: [source: string, value: unknown][] = [
    ['math.maxinteger', 2n ** 63n - 1n],
    ['math.mininteger', -(2n ** 63n)],
    ['2^53', 2 ** 53],
    ['1 << 53', 2n ** 53n],
    ['(1 << 53) + 1', 2n ** 53n + 1n],
    ['(1 << 53) - 1', 2 ** 53 - 1],
    ['-(1 << 53) + 1', -(2 ** 53) + 1],
    ['1 << 31', 2 ** 31],
    ['-(1 << 31)', -(2 ** 31)],
    ['-(1 << 31) - 1', -(2 ** 31) - 1],
    ['0xffffffff', 2 ** 32 - 1],
    ['-1', -1],
    ['0/0', Number.NaN],
    ['1/0', Infinity],
    ['-1/0', -Infinity],
    ['-0.0', -0],
    ['0', 0],
    ['true', true],
    ['nil', undefined],
  ]
  for (const [source, value] of cases) assert.ok(Object.is(stack.evaluate(`return ${source}`), value), source)
})

test('the bits of a NaN go through bytes and back', () => {
  const bits = stack.evaluate(
    `local t = {} for i, s in ipairs({ '\\1\\2\\3\\4\\5\\6\\xf8\\x7f', '\\0\\0\\0\\0\\0\\0\\xf8\\xff' }) do
       t[i] = string.unpack('<d', s)
     end
     return t`,
  )
  assert.deepEqual(bits, [Number.NaN, Number.NaN])
  const { vm, L } = stack
  stack.run(`return string.unpack('<d', '\\1\\2\\3\\4\\5\\6\\xf8\\x7f')`)
  vm.lua.lua_settop(L, 1)
  const out = new ByteWriter()
  assert.equal(encodeStack(vm, L, 1, out, MIB), undefined)
  assert.deepEqual([...out.slice()], [5, 1, 2, 3, 4, 5, 6, 0xf8, 0x7f])
  stack.clear()
  pushValue(vm, L, out.slice(), { offset: 0 })
  const again = new ByteWriter()
  encodeStack(vm, L, 1, again, MIB)
  assert.deepEqual(again.slice(), out.slice())
  stack.clear()
})

test('byte strings: all bytes, NUL, every length around every border', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  assert.deepEqual(stack.evaluate('local s = ... return s', all), all)
  assert.equal(
    stack.evaluate('for i = 0, 255 do if (...):byte(i + 1) ~= i then return i end end return "ok"', all),
    'ok',
  )
  assert.equal(stack.evaluate('return #...', 'a\0b'), 3)
  assert.equal(stack.evaluate('return "a\\0b"'), 'a\0b')
  for (const length of [
    0, 1, 15, 16, 31, 32, 33, 39, 40, 41, 64, 127, 128, 129, 4090, 4091, 4096, 4097, 70_000,
  ]) {
    assert.equal(
      stack.evaluate(`assert(... == ('x'):rep(${length})) return ...`, 'x'.repeat(length)),
      'x'.repeat(length),
    )
  }
  for (let byte = 0; byte < 256; byte++) {
    const source = `local t = {} t[string.char(${byte})] = string.char(${byte}, ${byte}) return t`
    const key = byte < 128 ? String.fromCharCode(byte) : Uint8Array.of(byte)
    const value = byte < 128 ? String.fromCharCode(byte, byte) : Uint8Array.of(byte, byte)
    assert.deepEqual(
      stack.evaluate(source),
      byte < 128 ? { [key as string]: value } : new Map([[key, value]]),
    )
  }
})

test('8 MiB strings go both ways, and the stack holds nothing else afterwards', () => {
  const text = 'y'.repeat(8 * MIB)
  assert.equal(stack.evaluate('return #...', text), 8 * MIB)
  assert.ok(stack.evaluate(`return ('y'):rep(${8 * MIB})`) === text)
  stack.push([text, 1])
  assert.equal(stack.top, 1)
  stack.clear()
})

test('tables: arrays, holes, mixed, empty, nested', () => {
  assert.deepEqual(stack.evaluate('return {}'), {})
  assert.deepEqual(stack.evaluate('return { 1, 2, 3 }'), [1, 2, 3])
  assert.deepEqual(
    stack.evaluate('return { 1, nil, 3 }'),
    new Map([
      [1, 1],
      [3, 3],
    ]),
  )
  assert.deepEqual(stack.evaluate('return { n = 1, m = { x = {} } }'), { n: 1, m: { x: {} } })
  assert.deepEqual(
    stack.evaluate('return { 1, 2, x = 3 }'),
    new Map<unknown, unknown>([
      [1, 1],
      [2, 2],
      ['x', 3],
    ]),
  )
  assert.deepEqual(stack.evaluate('local t = {} for i = 5, 1, -1 do t[i] = i end return t'), [1, 2, 3, 4, 5])
  assert.deepEqual(
    stack.evaluate('return { [0] = 1, [-1] = 2 }'),
    new Map([
      [0, 1],
      [-1, 2],
    ]),
  )
  assert.deepEqual(stack.evaluate('return { [1.0] = "a", [2] = "b" }'), ['a', 'b'])
  assert.deepEqual(
    stack.evaluate('return { [1.5] = 1, [true] = 2, [false] = 3 }'),
    new Map<unknown, unknown>([
      [1.5, 1],
      [true, 2],
      [false, 3],
    ]),
  )
  assert.deepEqual(stack.evaluate('return { [1 << 53] = 1, [2.0^53] = 2 }'), new Map([[2n ** 53n, 2]]))
  assert.deepEqual(
    stack.evaluate('return { [math.huge] = 1, [math.mininteger] = 2 }'),
    new Map<unknown, unknown>([
      [Infinity, 1],
      [-(2n ** 63n), 2],
    ]),
  )
  assert.deepEqual(
    stack.evaluate('local t = { 1, 2, 3, 4 } t[2] = nil t[4] = nil return t'),
    new Map([
      [1, 1],
      [3, 3],
    ]),
  )
  assert.deepEqual(
    stack.evaluate('return { __proto__ = 1, constructor = 2 }'),
    JSON.parse('{"__proto__":1,"constructor":2}'),
  )
})

test('tables given by the host are what Lua expects', () => {
  const source = `local t = ... return #t, t[1], t[2], t[3], next({})`
  assert.equal(stack.run(source, [1, undefined, 3]), 5)
  stack.clear()
  assert.deepEqual(
    stack.evaluate(
      'local t = ... return { t[1], t["1"], t[true], t[1.5], t[-1] }',
      new Map<unknown, unknown>([
        [1n, 'a'],
        ['1', 'b'],
        [true, 'c'],
        [1.5, 'd'],
        [-1, 'e'],
      ]),
    ),
    ['a', 'b', 'c', 'd', 'e'],
  )
  assert.equal(stack.evaluate('return getmetatable(...) == nil and next(...) == nil', {}), true)
  assert.equal(stack.evaluate('local t = ... t.a.x = 2 return t.b.x', { a: { x: 1 }, b: { x: 1 } }), 1)
})

test('counts around every border of the heads', () => {
  for (const n of [1, 2, 7, 8, 9, 254, 255, 256, 257, 511, 512, 513, 5000]) {
    const list = Array.from({ length: n }, (_, i) => i)
    assert.deepEqual(stack.evaluate('return ...', list), list)
    assert.deepEqual(stack.evaluate(`local t = {} for i = 1, ${n} do t[i] = i - 1 end return t`), list)
    const table = Object.fromEntries(list.map((i) => [`k${i}`, i]))
    assert.deepEqual(stack.evaluate('return ...', table), table)
    assert.deepEqual(
      stack.evaluate(`local t = {} for i = 0, ${n - 1} do t['k' .. i] = i end return t`),
      table,
    )
    const mixed = stack.evaluate(
      `local t = { {}, { x = {} } } for i = 3, ${n} do t[i] = { i } end t.x = 1 return t`,
    )
    assert.ok(mixed instanceof Map)
    assert.deepEqual([mixed.size, mixed.get(2), mixed.get('x')], [Math.max(n, 2) + 1, { x: {} }, 1])
  }
})

test('a head that turns out too small is widened with all that follows it', () => {
  // The array part holds 200, the hash part the rest: neither looks like more than 255.
  const source = `local t = {} for i = 1, 255 do t[i] = { i, { tostring(i) } } end
                  for i = 1, 100 do t['k' .. i] = { i } end
                  for i = 256, 300 do t[i] = i end
                  return { t, t }`
  const [first, second] = stack.evaluate(source) as [Map<unknown, unknown>, unknown]
  assert.equal(first.size, 400)
  assert.deepEqual([first.get(255), first.get('k100'), first.get(300)], [[255, ['255']], [100], 300])
  assert.deepEqual(second, first)
})

test('shared references are copied', () => {
  const back = stack.evaluate('local s = { 1 } return { s, s, { s } }') as unknown[]
  assert.deepEqual(back, [[1], [1], [[1]]])
  assert.notEqual(back[0], back[1])
})

test(`${MAX_DEPTH} tables deep goes both ways`, () => {
  assert.deepEqual(stack.evaluate('return ...', nested(MAX_DEPTH)), nested(MAX_DEPTH))
})

test('several values at once, from shared memory, with more bytes behind', () => {
  const { vm, L } = stack
  const values = ['a', 1, undefined, { b: [true] }, 2.5, 'x'.repeat(5000)]
  const out = new ByteWriter()
  for (const value of values) out.raw(encode(value))
  out.raw(new Uint8Array(100_000).fill(9))
  const bytes = new Uint8Array(new SharedArrayBuffer(out.length))
  bytes.set(out.slice())
  const at = { offset: 0 }
  pushValues(vm, L, bytes, at, values.length)
  assert.equal(at.offset, out.length - 100_000)
  assert.equal(stack.top, values.length)
  for (const value of values.toReversed()) {
    assert.deepEqual(stack.read(), value)
    vm.lua.lua_settop(L, -2)
  }
})

test('values that lie in the scratch area already need no copy', () => {
  const { vm, L } = stack
  const bytes = encode({ name: 'Ada', list: [1, 2, 'x'.repeat(100)] })
  vm.bytes.set(bytes, vm.scratch + 3)
  pushValuesAt(vm, L, vm.scratch + 3, bytes.length, 1)
  assert.deepEqual(stack.read(), { name: 'Ada', list: [1, 2, 'x'.repeat(100)] })
  stack.clear()
})

test('any index of the stack can be encoded, and the stack is as before', () => {
  const { vm, L } = stack
  stack.run('return "one", { "two" }, 3')
  for (const [index, expected] of [
    [1, 1],
    [2, 2],
    [3, 3],
    [-3, 1],
    [-2, 2],
    [-1, 3],
  ] as const) {
    const out = new ByteWriter()
    assert.equal(encodeStack(vm, L, index, out, MIB), undefined)
    assert.deepEqual(out.slice(), encode([undefined, 'one', ['two'], 3][expected]))
    assert.equal(stack.top, 3)
  }
  stack.clear()
})

test('host → bytes → Lua → bytes → host is what the model says', () => {
  fc.assert(
    fc.property(luaInputs, (value) => {
      stack.push(value)
      assert.equal(stack.top, 1)
      assert.deepEqual(stack.read(), throughLua(value))
      stack.clear()
    }),
    { numRuns: 3000 },
  )
})
