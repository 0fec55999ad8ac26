// Lua values that cannot be encoded, and bytes that are no values: what is said, and that nothing is left behind.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MAX_DEPTH } from '../../../src/limits.js'
import { ByteWriter, DamagedValueError, decodeValue, type LuaValue } from '../../../src/shared/values.js'
import { encodeStack, pushValue, pushValuesAt, tryPushValues } from '../../../workers/vm/stack-values.js'
import { NOBODY } from '../../../workers/vm/vm.js'
import { encode, MIB } from '../../support/encoding.js'
import { LuaStack } from '../../support/lua-stack.js'
import { luaInputs } from '../../support/lua-values.js'

const stack = new LuaStack()

test('functions, coroutines and userdata are refused by path', () => {
  const cases: [source: string, reason: string][] = [
    ['print', 'unsupported type function'],
    ['function() end', 'unsupported type function'],
    ['coroutine.create(print)', 'unsupported type thread'],
    ['{ a = { b = print } }', 'unsupported type function at .a.b'],
    ['{ list = { 1, 2, { cb = string.len } } }', 'unsupported type function at .list[3].cb'],
    ['{ ["a b"] = print }', 'unsupported type function at ["a b"]'],
    ['{ [""] = print }', 'unsupported type function at [""]'],
    ['{ ["q\\"\\\\\\n"] = print }', 'unsupported type function at ["q\\"\\\\\\x0a"]'],
    ['{ ["größe"] = print }', 'unsupported type function at ["größe"]'],
    ['{ ["a\\xff"] = print }', 'unsupported type function at ["a\\xff"]'],
    ['{ [("k"):rep(100)] = print }', `unsupported type function at ["${'k'.repeat(64)}..."]`],
    ['{ [true] = { [1.5] = { [-1] = print } } }', 'unsupported type function at [true][1.5][-1]'],
    [
      '{ [false] = { [math.mininteger] = print } }',
      'unsupported type function at [false][-9223372036854775808]',
    ],
    ['{ [2^53] = { [math.huge] = print } }', 'unsupported type function at [9007199254740992][Infinity]'],
    ['{ a = { [print] = 1 } }', 'unsupported type function as a key at .a'],
    ['{ [{}] = 1 }', 'unsupported type table as a key'],
    ['{ x = { [coroutine.create(print)] = 1 } }', 'unsupported type thread as a key at .x'],
  ]
  for (const [source, reason] of cases) assert.equal(stack.refusal(`return ${source}`), reason)
})

test('userdata of both kinds are refused', () => {
  const { vm, L } = stack
  const out = new ByteWriter()
  vm.lua.lua_newuserdatauv(L, 8, 0)
  vm.lua.lua_pushlightuserdata(L, 8)
  assert.equal(encodeStack(vm, L, 1, out, MIB), 'unsupported type userdata')
  assert.equal(encodeStack(vm, L, 2, out, MIB), 'unsupported type userdata')
  stack.clear()
})

test('cycles are refused where they close', () => {
  assert.equal(stack.refusal('local t = {} t.x = t return t'), 'cycle at .x')
  assert.equal(stack.refusal('local t = { { {} } } t[1][1].up = t[1] return t'), 'cycle at [1][1].up')
  assert.equal(stack.refusal('local t = {} t[1] = { t } return t'), 'cycle at [1][1]')
})

test('depth: one table more than allowed is refused, however deep it goes on', () => {
  const source = (tables: number): string => `local t = 1 for i = 1, ${tables} do t = { t } end return t`
  assert.equal(stack.refusal(source(MAX_DEPTH)), undefined)
  assert.equal(stack.refusal(source(MAX_DEPTH + 1)), 'too deep')
  assert.equal(stack.refusal(source(10_000)), 'too deep')
  assert.equal(stack.refusal(`local t = {} ${'t = { a = t, b = t } '.repeat(130)} return t`), 'too deep')
})

test('size: exactly maxBytes works, one less is refused', () => {
  const sources = [
    '1',
    '1.5',
    '1 << 40',
    'true',
    'nil',
    '"abc"',
    '("x"):rep(200)',
    '{}',
    '{ 1, 2 }',
    '{ a = "b", c = { 1 } }',
    '{ ["x"] = ("y"):rep(300) }',
  ]
  for (const source of sources) {
    const size = encode(stack.evaluate(`return ${source}`)).length
    assert.equal(stack.refusal(`return ${source}`, size), undefined, source)
    assert.equal(stack.refusal(`return ${source}`, size - 1), 'too large', source)
  }
  assert.equal(stack.refusal('return ("x"):rep(2^20)'), 'too large')
  assert.equal(stack.refusal('return 1', 0), 'too large')
  assert.equal(stack.refusal('return 1', -5), 'too large')
})

test('sharing that multiplies stops at maxBytes', () => {
  assert.equal(stack.refusal(`local t = 'laugh' for i = 1, 100 do t = { t, t } end return t`), 'too large')
  assert.equal(
    stack.refusal(`local t = {} for i = 1, 100 do t = { a = t, b = t, t, t } end return t`),
    'too large',
  )
})

test('metatables that raise, lie or loop are never consulted', () => {
  const source = `
    local function never() error('consulted') end
    local meta = {}
    for _, name in ipairs { '__index', '__newindex', '__len', '__pairs', '__ipairs', '__tostring', '__call', '__name',
      '__eq', '__lt', '__le', '__close', '__gc', '__mode', '__metatable', '__concat', '__unm', '__idiv' } do
      meta[name] = never
    end
    local looping = setmetatable({}, { __index = function() while true do end end, __len = function() return 1 << 60 end })
    return setmetatable({ 1, 2, a = setmetatable({ 'x' }, meta), b = looping }, meta)`
  assert.deepEqual(
    stack.evaluate(source),
    new Map<LuaValue, LuaValue>([
      [1, 1],
      [2, 2],
      ['a', ['x']],
      ['b', {}],
    ]),
  )
})

test('hash parts with removed keys and shrunk arrays are walked as they are', () => {
  const back = stack.evaluate(`
    local t = {} for i = 1, 1000 do t[i] = i t['k' .. i] = i end
    for i = 1, 1000 do if i ~= 500 then t[i] = nil t['k' .. i] = nil end end
    return t`)
  assert.deepEqual(
    back,
    new Map<LuaValue, LuaValue>([
      [500, 500],
      ['k500', 500],
    ]),
  )
})

test('a full stack can still be read, and pushing on to it raises', () => {
  const small = new LuaStack()
  const { vm } = small
  small.host = (thread) => {
    vm.lua.lua_createtable(thread, 0, 0)
    let height = 1
    for (const step of [1000, 1]) {
      for (; vm.lua.lua_checkstack(thread, step) !== 0; vm.lua.lua_settop(thread, height)) height += step
    }
    assert.equal(encodeStack(vm, thread, 1, new ByteWriter(), MIB), undefined)
    pushValue(vm, thread, encode([[1]]), { offset: 0 })
    return 0
  }
  assert.deepEqual(small.evaluate('local ok, why = pcall(os.clock) return { ok, tostring(why) }'), [
    false,
    'stack overflow',
  ])
})

test('a value that does not fit the memory raises inside a call and is reported outside of any', () => {
  const small = new LuaStack(4 * MIB)
  const { vm, L } = small
  const large = encode({ list: ['x'.repeat(3 * MIB), 'y'.repeat(3 * MIB)] }, 8 * MIB)
  small.host = (thread) => {
    pushValue(vm, thread, large, { offset: 0 })
    return 1
  }
  for (let i = 0; i < 20; i++) {
    assert.deepEqual(small.evaluate('local ok, why = pcall(os.clock) return { ok, why }'), [
      false,
      'not enough memory',
    ])
  }
  small.host = (thread) => {
    pushValue(vm, thread, encode(['still works', 'z'.repeat(10_000)]), { offset: 0 })
    return 1
  }
  assert.deepEqual(small.evaluate('return os.clock()'), ['still works', 'z'.repeat(10_000)])
  assert.equal(tryPushValues(vm, L, encode('fits'), { offset: 0 }, 1), true)
  vm.owner = 7
  assert.equal(tryPushValues(vm, L, large, { offset: 0 }, 1), false)
  assert.equal(vm.owner, NOBODY)
})

function assertDamaged(bytes: Uint8Array): void {
  const { vm, L } = stack
  stack.push('below')
  const at = { offset: 0 }
  assert.throws(() => pushValue(vm, L, bytes, at), DamagedValueError)
  assert.throws(() => tryPushValues(vm, L, bytes, at, 1), DamagedValueError)
  assert.equal(at.offset, 0)
  assert.equal(stack.top, 1)
  stack.clear()
}

test('damaged bytes are refused, and the stack is as before', () => {
  const large = encode({ a: [1, 'x'.repeat(5000), { b: 1.5 }], c: 2n ** 60n })
  for (const bytes of [encode({ a: [1, 2n ** 60n, 1.5, 'x'.repeat(200)] }), large]) {
    for (
      let length = 0;
      length < bytes.length;
      length += length > 20 && length < bytes.length - 40 ? 97 : 1
    ) {
      assertDamaged(bytes.slice(0, length))
    }
  }
  for (let tag = 9; tag < 0x80; tag++) assertDamaged(Uint8Array.of(tag, 0, 0, 0, 0, 0, 0, 0, 0, 0))
  assertDamaged(Uint8Array.of(7, 0, 1, 0, 2))
  assertDamaged(Uint8Array.of(7, 0, 1, 7, 0, 0, 2))
  assertDamaged(Uint8Array.of(7, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 2))
  assertDamaged(Uint8Array.of(6, 0xff, 0xff, 0xff, 0xff, 1))
  assertDamaged(Uint8Array.of(8, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0))
  assertDamaged(Uint8Array.of(8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0))
  assertDamaged(Uint8Array.of(7, 1, 0, ...encode(Array.from({ length: MAX_DEPTH }).reduce((t) => [t], 1))))
})

test('counts make no table larger than the bytes', () => {
  const { vm } = stack
  const heads = Array.from({ length: 120 }, () => [8, 0x40, 0x42, 0x0f, 0, 0, 0, 0, 0]).flat()
  assertDamaged(new Uint8Array([...heads, ...new Uint8Array(1_000_000)]))
  assert.ok(vm.sizeBytes < 48 * MIB)
})

test('a table whose memory was damaged is not walked out of the memory, nor for long', () => {
  const broken = new LuaStack()
  const { vm, L } = broken
  broken.run('return { 1, 2, "three", x = { "four" } }')
  const table = vm.lua.lua_topointer(L, 1)
  const whole = vm.bytes.subarray(table, table + 32)
  const healthy = Uint8Array.from(whole)
  const out = new ByteWriter()
  for (const word of [0, 4, 0xffff, 2 ** 20, 2 ** 24, 2 ** 31, 0xfffffff0, 0xffffffff]) {
    for (const field of [4, 8, 12, 16]) {
      vm.words[(table + field) >>> 2] = word
      try {
        out.length = 0
        encodeStack(vm, L, 1, out, MIB)
      } catch (error) {
        assert.ok(error instanceof RangeError && error.message === 'the VM memory is damaged')
      }
      whole.set(healthy)
    }
  }
  assert.equal(encodeStack(vm, L, 1, new ByteWriter(), MIB), undefined)
})

test('a table that was emptied costs slots, not bytes: references to it are bounded too', () => {
  const source = `local t = {} for i = 1, 2^20 do t[i] = i end for i = 1, 2^20 do t[i] = nil end
                  local list = {} for i = 1, 1000 do list[i] = t end return list`
  assert.equal(stack.refusal(source), 'too large')
  assert.equal(stack.refusal(source.replace('1000', '5')), undefined)
})

/** Host and Lua must take the same bytes, and take them for the same value. */
function assertAlike(bytes: Uint8Array): void {
  const { vm, L } = stack
  let expected: LuaValue
  const at = { offset: 0 }
  try {
    expected = decodeValue(bytes, at)
  } catch {
    assertDamaged(bytes)
    return
  }
  const here = { offset: 0 }
  pushValue(vm, L, bytes, here)
  assert.deepEqual(here, at)
  assert.deepEqual(stack.read(), expected)
  stack.clear()
  if (bytes.length > vm.scratchBytes) return
  vm.bytes.set(bytes, vm.scratch)
  pushValuesAt(vm, L, vm.scratch, bytes.length, 1)
  assert.equal(stack.top, 1)
  stack.clear()
}

test('random and changed bytes: Lua and host take the same ones, for the same values', () => {
  const tags = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 8, 8, 0x80, 0x81, 0x85, 0xff)
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc
      .array(fc.oneof(tags, fc.integer({ min: 0, max: 3 })), { maxLength: 64 })
      .map((list) => Uint8Array.from(list)),
  )
  fc.assert(fc.property(bytes, assertAlike), { numRuns: 5000 })
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(luaInputs, changes, fc.nat(), (value, edits, cut) => {
      const valid = encode(value)
      for (const [at, byte] of edits) valid[at % valid.length] = byte
      assertAlike(cut % 4 === 0 ? valid.subarray(0, cut % valid.length) : valid)
    }),
    { numRuns: 3000 },
  )
})
