// Rows T1 and T2 of docs/semantics.md: what becomes of a value on its way into Lua and back, on real threads.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LuaArgument, LuaValue } from '../../src/index.js'
import { startEngine } from '../support/engine.js'
import { rejection } from '../support/rejection.js'

const DESCRIBE = `
  local function describe(value)
    if math.type(value) then return math.type(value) .. ' ' .. string.format(math.type(value) == 'float' and '%a' or '%d', value) end
    if type(value) == 'string' then return 'string ' .. #value end
    return type(value) .. ' ' .. tostring(value)
  end
  function main(value) return describe(value) end`

test('T1: what the host gives is what Lua sees', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(DESCRIBE)
  const cases: readonly (readonly [LuaArgument | undefined, string])[] = [
    [undefined, 'nil nil'],
    [null, 'nil nil'],
    [true, 'boolean true'],
    [1, 'integer 1'],
    [-(2 ** 53) + 1, 'integer -9007199254740991'],
    [2 ** 53, 'float 0x1p+53'],
    [2n ** 63n - 1n, 'integer 9223372036854775807'],
    [1n, 'integer 1'],
    [0.5, 'float 0x1p-1'],
    [-0, 'float -0x0p+0'],
    [Number.POSITIVE_INFINITY, 'float inf'],
    ['', 'string 0'],
    ['é\0', 'string 3'],
    [Uint8Array.of(0xff, 0, 1), 'string 3'],
    [Buffer.from('abc'), 'string 3'],
  ]
  for (const [given, expected] of cases) assert.equal(await script.run(given), expected)
})

test('T1: tables', async (t) => {
  const engine = await startEngine(t)
  const keys = await engine.load(`
    function main(t)
      local found = {}
      for key, value in pairs(t) do found[#found + 1] = type(key) .. ' ' .. tostring(key) .. '=' .. tostring(value) end
      table.sort(found)
      return table.concat(found, ', ')
    end`)
  const cases: readonly (readonly [LuaArgument, string])[] = [
    [[], ''],
    [['a', null, 'c'], 'number 1=a, number 3=c'],
    [{ a: 1, b: undefined, c: null }, 'string a=1'],
    [{ 1: 'a' }, 'string 1=a'],
    [
      new Map<LuaArgument, LuaArgument>([
        [1, 'a'],
        ['1', 'b'],
        [true, 'c'],
        [2.5, 'd'],
        [7n, 'e'],
      ]),
      'boolean true=c, number 1=a, number 2.5=d, number 7=e, string 1=b',
    ],
    [Object.create(null, { a: { value: 1, enumerable: true } }) as object, 'string a=1'],
  ]
  for (const [given, expected] of cases) assert.equal(await keys.run(given), expected)
})

test('T1: a table of the host’s can serve as a metatable, like any other', async (t) => {
  const engine = await startEngine(t)
  const source = 'return setmetatable({}, ...).limit'
  assert.equal(await engine.eval(source, [{ __index: { limit: 5 } }]), 5)
  assert.equal(await engine.eval(source, [{ __mode: 'k', __name: 'defaults', __index: { limit: 6 } }]), 6)
})

test('T1: what has no counterpart is refused, with its path and what to write instead', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load('function main() end')
  class Point {
    x = 1
  }
  const cycle: { self?: object } = {}
  cycle.self = cycle
  let deep: LuaArgument = {}
  for (let depth = 0; depth < 130; depth++) deep = { deep }
  const wrong: readonly (readonly [string, LuaArgument])[] = [
    ['a Date', new Date()],
    ['a Set', new Set()],
    ['a function', () => 1],
    ['a class instance', new Point()],
    ['a RegExp', /x/],
    ['a promise', Promise.resolve()],
    ['a cycle', cycle],
    ['too deep', deep],
    ['a bigint too large', 2n ** 63n],
    ['a lone surrogate', '\ud800'],
    ['another typed array', new Float64Array(2)],
  ]
  for (const [what, value] of wrong) {
    const error = await rejection(script.run({ user: [value] }), 'MOONPOOL_INVALID_VALUE')
    assert.match(error.message, /args\.user\[0\]/, what)
  }
  assert.equal(engine.stats().failed, 0)
})

test('T2: what Lua returns is what the host sees', async (t) => {
  const engine = await startEngine(t)
  const cases: readonly (readonly [string, LuaValue])[] = [
    ['nil', undefined],
    ['false', false],
    ['1', 1],
    ['1.0', 1],
    ['-0.0', -0],
    ['0/0', Number.NaN],
    ['math.huge', Number.POSITIVE_INFINITY],
    ['math.maxinteger', 2n ** 63n - 1n],
    ['1 << 53', 2n ** 53n],
    ['(1 << 53) - 1', 2 ** 53 - 1],
    ['2.0^60', 2 ** 60],
    ['"é"', 'é'],
    ['"\\xff"', Uint8Array.of(0xff)],
    ['{}', {}],
    ['{ 1, "a", true }', [1, 'a', true]],
    ['{ a = 1, b = { 2 } }', { a: 1, b: [2] }],
    [
      '{ 1, nil, 3 }',
      new Map([
        [1, 1],
        [3, 3],
      ]),
    ],
    [
      '{ 1, a = 2 }',
      new Map<string | number, number>([
        [1, 1],
        ['a', 2],
      ]),
    ],
    ['{ [1.5] = 1 }', new Map([[1.5, 1]])],
    ['{ [true] = 1 }', new Map([[true, 1]])],
    ['{ [0] = 1 }', new Map([[0, 1]])],
  ]
  for (const [source, expected] of cases) {
    assert.deepStrictEqual(await engine.eval(`return ${source}`), expected, source)
  }
})

test('T2: names that JavaScript treats specially are names like any other', async (t) => {
  const engine = await startEngine(t)
  const source = 'return { __proto__ = { polluted = 1 }, constructor = 2, toString = 3, hasOwnProperty = 4 }'
  const value = await engine.eval<Record<string, unknown>>(source)
  assert.deepEqual(Object.keys(value).sort(), ['__proto__', 'constructor', 'hasOwnProperty', 'toString'])
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
  const script = await engine.load('function main(t) return t.__proto__.polluted end')
  assert.equal(await script.run(value), 1)
})

test('T2: functions, coroutines and cycles are an error that names the path', async (t) => {
  const engine = await startEngine(t)
  const cases: readonly (readonly [string, RegExp])[] = [
    ['return { a = { b = print } }', /function.*\.a\.b/],
    ['return { coroutine.create(print) }', /thread.*\[1\]|coroutine.*\[1\]/],
    ['local t = {} t.x = t return t', /cycle.*\.x/],
    ['local t = {} for i = 1, 200 do t = { t } end return t', /too deep|deeper/],
  ]
  for (const [source, message] of cases)
    await rejection(engine.eval(source), 'MOONPOOL_INVALID_VALUE', message)
  assert.equal(await engine.eval('return 1'), 1)
})

test('results over maxResultBytes reject, just under they arrive', async (t) => {
  const engine = await startEngine(t, { limits: { maxResultBytes: 10_000 } })
  assert.equal((await engine.eval<string>('return ("x"):rep(9990)')).length, 9990)
  await rejection(engine.eval('return ("x"):rep(10000)'), 'MOONPOOL_RESULT_TOO_LARGE', /maxResultBytes/)
})

test('arguments and results of many sizes arrive whole', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load('function main(text) return text end')
  for (const size of [0, 1, 60, 64, 65, 127, 128, 4000, 4090, 4096, 4100, 65_536, 300_000, 2_000_000]) {
    const text = 'xyz'.repeat(Math.ceil(size / 3)).slice(0, size)
    assert.equal(await script.run(text), text, `${size} bytes`)
  }
})
