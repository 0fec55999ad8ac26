// The native cache.get against a host of the test's own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_VIEW } from '../../../workers/vm/no-view.js'
import { LuaWorld, readBytes, SILENT_HOST } from '../../support/lua-world.js'

const TABLE_OF_ONE = [0x07, 1, 0]
const UNKNOWN_TAG = 0x09
const LONG_STRING_TAG = 0x06

/** Finds long values that change while they are taken, or before: then `noted` is what was found last. */
function changingView(firstBytes: bigint, foundBytes: number, noted = foundBytes): object {
  const global = (value: bigint): object => new WebAssembly.Global({ value: 'i64', mutable: true }, value)
  const [v0, longBytes] = [global(firstBytes), global(BigInt(noted))]
  return { ...NO_VIEW, v0, longBytes, find: () => foundBytes, endParts: () => (noted === foundBytes ? 0 : 1) }
}

test('a value that cannot be pushed leaves the call as it was, though the stack has moved', () => {
  const seen: unknown[] = []
  const world = new LuaWorld(undefined, (vm) => ({
    ...SILENT_HOST,
    cacheFind: () => {
      // Deep enough that the stack of a new coroutine grows before the end is noticed.
      const value = [...Array.from({ length: 100 }, () => TABLE_OF_ONE).flat(), UNKNOWN_TAG]
      vm.bytes.set(value, vm.scratch)
      return value.length
    },
    cacheGet: (L) => {
      seen.push(vm.lua.lua_gettop(L), readBytes(vm, L, 1), readBytes(vm, L, 2))
      vm.lua.lua_pushboolean(L, 1)
      return 1
    },
  }))
  world.vm.native.beginRun(1, 1024, world.vm.scratch)
  const source = 'return select(2, coroutine.resume(coroutine.create(cache.get), "key", "default"))'
  assert.deepEqual(world.run(source), [true])
  assert.deepEqual(seen, [2, 'key', 'default'])
})

for (const [kind, first, foundBytes] of [
  ['string', BigInt(LONG_STRING_TAG) | (195n << 8n), 200],
  ['table', 0x07n, 200],
  ['table beyond the scratch area', 0x08n, 5000],
] as const) {
  // The second no sound VM does. One with a bug of Lua at hand can have Lua code run where memory is asked for.
  for (const [how, noted] of [
    ['changes while it is taken', foundBytes],
    ['is taken after a shorter one was found', foundBytes - 1],
  ] as const) {
    test(`C10 a long ${kind} that ${how} leaves the call as it was`, () => {
      const seen: unknown[] = []
      const world = new LuaWorld(undefined, (vm) => ({
        ...SILENT_HOST,
        viewFinder: changingView(first, foundBytes, noted),
        cacheGet: (L) => {
          seen.push(vm.lua.lua_gettop(L), readBytes(vm, L, 1), readBytes(vm, L, 2))
          vm.lua.lua_pushboolean(L, 1)
          return 1
        },
      }))
      world.vm.native.beginRun(1, 1024, world.vm.scratch)
      assert.deepEqual(world.run('return cache.get("key", "default")'), [true])
      assert.deepEqual(seen, [2, 'key', 'default'])
      assert.equal(world.vm.native.takeHits(), 0)
    })
  }
}
