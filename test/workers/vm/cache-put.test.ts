// The native cache.put and cache.put_ttl against a host of the test's own: what they hand over, and what they leave over.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteWriter } from '../../../src/shared/values.js'
import type { LuaState } from '../../../workers/vm/lua.js'
import { encodeStack } from '../../../workers/vm/stack-values.js'
import type { Vm } from '../../../workers/vm/vm.js'
import { LuaWorld, SILENT_HOST } from '../../support/lua-world.js'

const MAX_KEY_BYTES = 30
const INCARNATION = 7

interface Put {
  readonly key: string
  readonly value: string
  readonly ttlSeconds: number
}

/** What was asked of the host, in order. */
let puts: (Put | 'put' | 'put_ttl')[] = []
/** What `print` was given first, encoded as for any other put. */
let encoded = ''
let isTaken = true

const elsewhere =
  (name: 'put' | 'put_ttl') =>
  (vm: Vm) =>
  (L: LuaState): number => {
    puts.push(name)
    vm.lua.lua_pushinteger(L, BigInt(vm.lua.lua_gettop(L)))
    return 1
  }

const world = new LuaWorld(undefined, (vm) => ({
  ...SILENT_HOST,
  print: (L) => {
    const out = new ByteWriter()
    assert.equal(encodeStack(vm, L, 1, out, 1000), undefined)
    encoded = Buffer.from(out.slice()).toString('hex')
    return 0
  },
  cachePut: elsewhere('put')(vm),
  cachePutTtl: elsewhere('put_ttl')(vm),
  cachePutShort: (hash, address, keyBytes, valueBytes, v0, v1, v2, ttlSeconds) => {
    assert.equal(hash, vm.native.hashKey(INCARNATION, address, keyBytes))
    const words = Buffer.from(Int32Array.of(v0, v1, v2).buffer)
    assert.ok(words.subarray(valueBytes).every((byte) => byte === 0))
    const key = vm.bytes.toString('latin1', address, address + keyBytes)
    if (isTaken) puts.push({ key, value: words.toString('hex', 0, valueBytes), ttlSeconds })
    return isTaken ? 1 : 0
  },
}))

/** Runs `source`; its results, and what was asked of the host. */
function run(source: string, maxKeyBytes = MAX_KEY_BYTES): { results: unknown[]; asked: typeof puts } {
  puts = []
  world.vm.native.beginRun(INCARNATION, maxKeyBytes, world.vm.scratch)
  const results = world.run(source)
  return { results, asked: puts }
}

const bytesInLua = (bytes: Uint8Array): string => `"${[...bytes].map((byte) => `\\x${hex(byte)}`).join('')}"`
const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

test('C2 C11 a short value crosses as it is encoded elsewhere, whatever it is', () => {
  const bits = fc.uint8Array({ minLength: 8, maxLength: 8 })
  const value = fc.oneof(
    fc.constantFrom('nil', 'true', 'false', '-0.0', '0/0', 'math.mininteger', 'math.maxinteger', '1 << 31'),
    fc.integer().map((n) => `${n}`),
    bits.map((bytes) => `string.unpack("<i8", ${bytesInLua(bytes)})`),
    bits.map((bytes) => `string.unpack("<d", ${bytesInLua(bytes)})`),
    fc.uint8Array({ maxLength: 11 }).map(bytesInLua),
  )
  const key = fc.uint8Array({ maxLength: MAX_KEY_BYTES })
  fc.assert(
    fc.property(key, value, (keyBytes, text) => {
      const { results, asked } = run(
        `local v = ${text} print(v) return cache.put(${bytesInLua(keyBytes)}, v), cache.put_ttl("k", v, 2.5)`,
      )
      assert.deepEqual(results, [true, true])
      assert.deepEqual(asked, [
        { key: Buffer.from(keyBytes).toString('latin1'), value: encoded, ttlSeconds: Number.NaN },
        { key: 'k', value: encoded, ttlSeconds: 2.5 },
      ])
    }),
    { numRuns: 300 },
  )
})

test('C3 C6 TTLs cross as numbers, and no TTL as none', () => {
  const { asked } = run(
    'for _, ttl in ipairs({ 0, -1, 60, 0.5, math.huge, -math.huge, math.mininteger }) do cache.put_ttl("k", 1, ttl) end ' +
      'cache.put("k", 1) cache.put("k", 1, nil) cache.put("k", 1, nil, "more")',
  )
  assert.deepEqual(
    asked.map((put) => (put as Put).ttlSeconds),
    [0, -1, 60, 0.5, Infinity, -Infinity, -(2 ** 63), Number.NaN, Number.NaN, Number.NaN],
  )
})

for (const [call, name] of [
  ['put("k")', 'put'],
  ['put()', 'put'],
  ['put(1, 1)', 'put'],
  ['put({}, 1)', 'put'],
  [`put(("k"):rep(${MAX_KEY_BYTES + 1}), 1)`, 'put'],
  ['put("k", 1, 5)', 'put'],
  ['put("k", 1, false)', 'put'],
  ['put("k", "twelve bytes")', 'put'],
  ['put("k", ("v"):rep(41))', 'put'],
  ['put("k", {})', 'put'],
  ['put("k", print)', 'put'],
  ['put("k", coroutine.create(print))', 'put'],
  ['put_ttl("k", 1)', 'put_ttl'],
  ['put_ttl("k")', 'put_ttl'],
  ['put_ttl("k", 1, nil)', 'put_ttl'],
  ['put_ttl("k", 1, "5")', 'put_ttl'],
  ['put_ttl("k", 1, 0/0)', 'put_ttl'],
  ['put_ttl(1, 1, 5)', 'put_ttl'],
  ['put_ttl("k", {}, 5)', 'put_ttl'],
  ['put_ttl("k", print, 5)', 'put_ttl'],
] as const) {
  test(`cache.${call} is left to JavaScript, with its arguments as they were`, () => {
    const given = call.slice(call.indexOf('('))
    const { results, asked } = run(
      `local function count(...) return select("#", ...) end return cache.${call}, count${given}`,
    )
    assert.deepEqual(asked, [name])
    assert.equal(results[0], results[1])
  })
}

test('so is all that the host does not take, and every put while a script loads', () => {
  isTaken = false
  const refused = run('return cache.put("k", 1), cache.put_ttl("k", 1, 5)')
  isTaken = true
  assert.deepEqual(refused, { results: [2, 3], asked: ['put', 'put_ttl'] })
  assert.deepEqual(run('return cache.put("k", 1), cache.put_ttl("k", 1, 5)', -1), refused)
})

test('in a coroutine and among other values on its stack the right arguments are taken', () => {
  const { results, asked } = run(
    'return select(-2, coroutine.wrap(function(...) return ..., cache.put("in", ...), 9 end)("x", nil, 2))',
  )
  assert.deepEqual(results, [true, 9])
  assert.deepEqual(asked, [{ key: 'in', value: '8178', ttlSeconds: Number.NaN }])
})
