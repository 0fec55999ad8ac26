// Tables are read where they lie in the VM's memory. Here Lua itself tells what is in them, by `next`: whatever a table
// went through (growing, shrinking, rehashing, the border being asked for), both must see the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LuaKey, LuaValue } from '../../../src/shared/values.js'
import { ARRAY_LIMIT_OFFSET, FLAGS_OFFSET, LIMIT_IS_HINT } from '../../../workers/vm/stack-layout.js'
import { LuaStack } from '../../support/lua-stack.js'

const stack = new LuaStack()

/** Gives { table, { { key, value }, … } }: the second list is made by `next`. */
const SOURCE = `
  local steps, presize = ...
  local t = presize == 1 and { 1, 2, 3, 4, 5 } or presize == 2 and { a = 1, b = 2, c = 3 } or {}
  for _, step in ipairs(steps) do
    local what, n = step[1], step[2]
    if what == 0 then t[n] = n
    elseif what == 1 then t[n] = nil
    elseif what == 2 then for i = 1, n do t[i] = i end
    elseif what == 3 then for i = n, 1, -1 do t[i] = nil end
    elseif what == 4 then t['k' .. n] = n
    elseif what == 5 then t['k' .. n] = nil
    elseif what == 6 then assert(#t >= 0)
    elseif what == 7 then t[#t + 1] = n
    elseif what == 8 then t[#t] = nil
    elseif what == 9 then table.insert(t, 1, n)
    elseif what == 10 then table.remove(t)
    elseif what == 11 then t[n + 0.5] = n
    elseif what == 12 then t[n % 2 == 0] = n
    elseif what == 13 then for i = 1, n do t['x' .. i] = i end
    elseif what == 14 then for i = 1, n do t['x' .. i] = nil end
    elseif what == 15 then t[('long key '):rep(10) .. n] = { n }
    end
  end
  local pairs = {}
  for k, v in next, t do pairs[#pairs + 1] = { k, v } end
  return { t, pairs }`

/** The table's content, whatever it came as. */
function contentOf(table: LuaValue): Map<LuaKey, LuaValue> {
  if (table instanceof Map) return table
  if (Array.isArray(table)) return new Map(table.map((value, i) => [i + 1, value]))
  return new Map(Object.entries(table as { [key: string]: LuaValue }))
}

test('whatever a table went through, the walk sees what next sees', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 70 })), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 2 }), (list, presize) => {
      const [table, pairs] = stack.evaluate(SOURCE, list, presize) as [LuaValue, LuaValue]
      const expected = contentOf(pairs)
      assert.deepEqual(contentOf(table), new Map([...expected.values()] as [LuaKey, LuaValue][]))
    }),
    { numRuns: 2000 },
  )
})

test('the border that Lua remembers in place of the size does not cut the walk short', () => {
  const { vm, L } = stack
  stack.run(`local t = { table.unpack({}, 1, 32) } for i = 1, 32 do t[i] = i end
             for _, i in ipairs { 25, 26, 27, 28, 31, 32 } do t[i] = nil end
             assert(#t == 24) return t`)
  const table = vm.lua.lua_topointer(L, 1)
  assert.equal(vm.view.getUint32(table + ARRAY_LIMIT_OFFSET, true), 24, 'the limit is the border')
  assert.notEqual((vm.bytes[table + FLAGS_OFFSET] as number) & LIMIT_IS_HINT, 0, 'and said to be no size')
  const keys = [...contentOf(stack.read()).keys()]
  assert.deepEqual(keys, [...Array.from({ length: 24 }, (_, i) => i + 1), 29, 30])
  stack.clear()
})
