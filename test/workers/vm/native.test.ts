// The native code of a VM against what it stands for: Lua's own tables and strings, and the JavaScript hash.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HashedKey, hashSecret } from '../../../src/shared/key-hash.js'
import { STATE, STRING_HEADER_BYTES } from '../../../workers/vm/layout.js'
import { bytesInUse, collectGarbage } from '../../../workers/vm/settling.js'
import { pushValues } from '../../../workers/vm/stack-values.js'
import { encode } from '../../support/encoding.js'
import { LuaStack } from '../../support/lua-stack.js'

const stack = new LuaStack()
const RUNS = 300

/** In global_State, each a byte: how the collector paces itself. */
const GC_PAUSE = 84
const GC_STEP_FACTOR = 85
const GC_STEP_SIZE = 86

/** From now on every allocation moves the collector a little, and a cycle is followed by the next. */
function hurryCollector({ vm }: LuaStack): void {
  const global = vm.words[(vm.mainState + STATE.global) >>> 2] as number
  vm.bytes[global + GC_PAUSE] = 0
  vm.bytes[global + GC_STEP_FACTOR] = 0
  vm.bytes[global + GC_STEP_SIZE] = 0
}

test('the native hash of a key is the one that the store keeps', () => {
  const { vm } = stack
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      (random, incarnation, key, behind) => {
        const secret = hashSecret(random)
        const hashed = new HashedKey(secret, 64)
        hashed.setBytes(incarnation, key)
        vm.native.setSecret(secret.k0, secret.k1)
        vm.bytes.set(key, vm.scratch)
        vm.bytes.set(behind, vm.scratch + key.length)
        assert.equal(vm.native.hashKey(incarnation, vm.scratch, key.length), hashed.hash)
        const given = new HashedKey(secret, 64)
        given.setHashed(incarnation, hashed.hash, vm.words, vm.scratch >>> 2, key.length)
        const words = (key.length + 3) >>> 2
        assert.deepEqual(given.words.slice(0, words), hashed.words.slice(0, words))
      },
    ),
    { numRuns: RUNS },
  )
})

/** Reads, walks, grows and empties a table that came from outside. `wanted` is a list of { key, value }. */
const CHECK = `
  local t, wanted = ...
  local seen = 0
  for k, v in next, t do seen = seen + 1 end
  assert(seen == #wanted, "next sees " .. seen .. " of " .. #wanted)
  for _, pair in ipairs(wanted) do assert(rawequal(t[pair[1]], pair[2]), "lost " .. tostring(pair[1])) end
  for i = 1, 40 do t["more" .. i] = i end
  for _, pair in ipairs(wanted) do assert(rawequal(t[pair[1]], pair[2]), "lost later " .. tostring(pair[1])) end
  for _, pair in ipairs(wanted) do t[pair[1]] = nil end
  seen = 0
  for k, v in next, t do seen = seen + 1 assert(k == "more" .. v) end
  return seen`

const keys = fc.oneof(
  { weight: 8, arbitrary: fc.string({ maxLength: 3 }) },
  { weight: 1, arbitrary: fc.string({ minLength: 41, maxLength: 60 }) },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.boolean() },
)
const scalars = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 45 }), fc.double({ noNaN: true }))

for (const isHurried of [false, true]) {
  const how = isHurried ? ', while the collector never rests' : ''
  test(`a table filled natively is one that Lua could have filled${how}`, () => {
    const own = new LuaStack()
    if (isHurried) hurryCollector(own)
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(keys, scalars), { selector: ([key]) => key, maxLength: 90 }),
        (pairs) => {
          assert.equal(own.evaluate(CHECK, new Map(pairs), pairs), 40)
        },
      ),
      { numRuns: RUNS },
    )
  })
}

test('nested tables that came while the collector never rested are whole when it has finished', () => {
  const own = new LuaStack()
  hurryCollector(own)
  own.run('kept = {} function keep(v) kept[#kept % 50 + 1] = v kept[(#kept + 17) % 50 + 1] = v return v end')
  own.clear()
  const value = (n: number): unknown => ({
    name: `name ${n % 7}`,
    fresh: `fresh ${n}`,
    list: [n, `item ${n}`, { deep: { deeper: [`${n} down`, true, n / 3] } }],
    nothing: undefined,
    flags: { on: true, off: false, text: 'x'.repeat(n % 60) },
    many: Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`key ${i} of ${n}`, `value ${i} of ${n}`]),
    ),
  })
  for (let n = 0; n < 1000; n++) {
    const answer = own.evaluate('return keep(...)', value(n)) as { fresh: string }
    assert.equal(answer.fresh, `fresh ${n}`)
  }
  const whole = own.evaluate(`
    local count = 0
    for _, v in pairs(kept) do
      local n = v.list[1]
      assert(v.name == "name " .. n % 7 and v.fresh == "fresh " .. n and v.list[2] == "item " .. n)
      assert(v.list[3].deep.deeper[1] == n .. " down" and v.list[3].deep.deeper[2] == true)
      for i = 0, 59 do assert(v.many["key " .. i .. " of " .. n] == "value " .. i .. " of " .. n) end
      assert(v.flags.on == true and v.flags.off == false and #v.flags.text == n % 60)
      count = count + 1
    end
    return count`)
  assert.ok(typeof whole === 'number' && whole > 1)
})

test('a table that the collector passes while it is filled keeps all that comes later', () => {
  const own = new LuaStack()
  hurryCollector(own)
  for (let n = 0; n < 6; n++) {
    const pairs = Array.from({ length: 3000 }, (_, i) => [`key ${i} of ${n}`, `value ${i} of ${n}`])
    const items = pairs.map(([, text]) => `item ${text}`)
    const whole = own.evaluate(
      `local t, n = ...
       for i = 1, 3000 do
         assert(t.fields["key " .. i - 1 .. " of " .. n] == "value " .. i - 1 .. " of " .. n)
         assert(t.items[i] == "item value " .. i - 1 .. " of " .. n)
       end
       return true`,
      { fields: Object.fromEntries(pairs), items },
      n,
    )
    assert.equal(whole, true)
  }
})

test('of a key that damaged bytes hold twice the last value counts, as in Lua', () => {
  const { vm, L } = stack
  const once = encode({ key: 1 })
  const pair = once.subarray(3)
  const twice = Buffer.concat([once.subarray(0, 2), Buffer.from([2]), pair, pair])
  twice.writeInt32LE(2, twice.length - 4)
  pushValues(vm, L, twice, { offset: 0 }, 1)
  assert.deepEqual(stack.read(), { key: 2 })
  stack.clear()
})

/** What Lua does with a string. `os.clock` makes one like the argument. */
const USE = `
  made = os.clock()
  local text = ...
  local t = {}
  for n = 1, 100 do t[text .. n] = n end
  t[made] = 1
  assert(made == text and #made == #text and t[text] == 1 and made:find(text, 1, true) == 1)
  assert(made .. "!" == text .. "!" and made:sub(-3) == text:sub(-3) and tostring(made) == text)
  return true`

for (const isHurried of [false, true]) {
  const how = isHurried ? ', while the collector never rests' : ''
  test(`a long string made without a copy is one that Lua could have made${how}`, () => {
    const own = new LuaStack()
    if (isHurried) hurryCollector(own)
    const { vm } = own
    own.run('return #("\\255"):rep(300000)')
    collectGarbage(vm)
    for (const length of [41, 63, 64, 65, 1000, 4096, 70_000]) {
      const text = 'text of many bytes '.repeat(Math.ceil(length / 19)).slice(0, length)
      own.host = (L) => {
        const address = vm.native.newLongString(L, length)
        vm.bytes.write(text, address, 'latin1')
        assert.equal(vm.bytes[address + length], 0)
        return 1
      }
      assert.equal(own.evaluate(USE, text), true)
      collectGarbage(vm)
      const before = bytesInUse(vm)
      own.run('made = 1')
      collectGarbage(vm)
      assert.equal(before - bytesInUse(vm), STRING_HEADER_BYTES + length + 1, 'it is freed')
    }
  })
}
