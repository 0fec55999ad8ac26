// Row T3 of docs/semantics.md: results that JSON keeps as they are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonValue, MoonpoolError } from '../../src/index.js'
import { asJson } from '../../src/json-result.js'
import { startEngine } from '../support/engine.js'
import { luaInputs, throughLua } from '../support/lua-values.js'
import { rejection } from '../support/rejection.js'

const JSON_RESULT = { result: 'json' } as const

test('T3: what JSON knows comes back as it is, nil as null', async (t) => {
  const engine = await startEngine(t)
  const cases: readonly (readonly [string, JsonValue])[] = [
    ['', null],
    ['return nil', null],
    ['return nil, 1', null],
    ['return false', false],
    ['return 1, 2', 1],
    ['return -9007199254740991', Number.MIN_SAFE_INTEGER],
    ['return 0.5', 0.5],
    ['return 1e300', 1e300],
    ['return "é\\0"', 'é\0'],
    ['return {}', {}],
    ['return {1, "a", {true}}', [1, 'a', [true]]],
    ['return {a = {b = {}}, ["x y"] = 1}', { a: { b: {} }, 'x y': 1 }],
    ['return {toJSON = "text"}', { toJSON: 'text' }],
  ]
  for (const [source, expected] of cases) {
    const value: JsonValue = await engine.eval(source, [], JSON_RESULT)
    assert.deepEqual(value, expected, source)
    assert.deepEqual(JSON.parse(JSON.stringify(value)), expected, source)
  }
})

test('T3: run, call and eval take it', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load('function main(a) return a end function all(...) return ... end')
  assert.equal(await script.run(null, JSON_RESULT), null)
  assert.deepEqual(await script.run({ list: [1] }, { ...JSON_RESULT, cachePrefix: 'a' }), { list: [1] })
  assert.deepEqual(await script.call('all', [null, 1, null], JSON_RESULT), [null, 1, null])
  assert.deepEqual(await script.call('all', [], JSON_RESULT), [])
  assert.equal(await engine.eval('return ...', ['a'], JSON_RESULT), 'a')
  assert.equal(await script.run(null), undefined)
})

test('T3: anything else is refused with its path', async (t) => {
  const engine = await startEngine(t)
  const cases: readonly (readonly [string, RegExp])[] = [
    ['return 0/0', /result is NaN/],
    ['return math.huge', /result is Infinity/],
    ['return math.maxinteger', /result is the integer 9223372036854775807/],
    ['return 9007199254740992', /result is the integer 9007199254740992/],
    ['return "\\255"', /result is a string that is no UTF-8/],
    ['return {1, nil, 3}', /result is a table that is neither a list/],
    ['return {1, a = 1}', /result is a table/],
    ['return {[true] = 1}', /result is a table/],
    ['return {["\\255"] = 1}', /result is a table/],
    ['return {a = {1, {["x y"] = -math.huge}}}', /result\.a\[1\]\["x y"\] is -Infinity/],
  ]
  for (const [source, message] of cases) {
    const error = await rejection(
      engine.eval(source, [], { ...JSON_RESULT, name: 'j.lua' }),
      'MOONPOOL_INVALID_VALUE',
      message,
    )
    assert.match(error.message, /^j\.lua: /)
    assert.equal(error.script, 'j.lua')
  }
  const script = await engine.load('function f() return 1, 0/0 end')
  await rejection(script.call('f', [], JSON_RESULT), 'MOONPOOL_INVALID_VALUE', /: result\[1\] is NaN/)
})

test('T3: JSON.stringify never throws on what is let through', () => {
  fc.assert(
    fc.property(luaInputs, (input) => {
      let json: JsonValue
      try {
        json = asJson(throughLua(input), 'result', 'x.lua')
      } catch (error) {
        assert.equal((error as MoonpoolError).code, 'MOONPOOL_INVALID_VALUE')
        return
      }
      const text = JSON.stringify(json)
      assert.equal(JSON.stringify(JSON.parse(text)), text)
    }),
  )
})
