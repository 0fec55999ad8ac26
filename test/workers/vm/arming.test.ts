// Arming the hook from outside: at the right places it stops what runs, at wrong ones the self test says so, and no
// memory, however damaged, leads it outside the heap.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testArming } from '../../../workers/vm/arming-test.js'
import { loadChunk, resumeRun } from '../../../workers/vm/execution.js'
import { armHook, HOOK_OFFSETS, innermostState } from '../../../workers/vm/hook-arming.js'
import { HEAP_BASE, HEAP_END_AT, STATE } from '../../../workers/vm/layout.js'
import { LUA_OK } from '../../../workers/vm/lua.js'
import { findDifference, restoreImage } from '../../../workers/vm/restoring.js'
import type { Vm } from '../../../workers/vm/vm.js'
import { LuaWorld } from '../../support/lua-world.js'

const world = new LuaWorld(8 * 2 ** 20)

const armable = ({ memory, runThread, functions }: Vm) => ({ memory, runThread, hook: functions.hook })

test('a sound VM can be armed, and stands at its image afterwards', () => {
  assert.equal(testArming(world.vm, world.base), true)
  assert.equal(findDifference(world.vm, world.base), undefined)
  assert.equal(world.vm.condemned, false)
  assert.deepEqual(world.run('return 1 + 1'), [2])
})

for (const name of Object.keys(HOOK_OFFSETS) as (keyof typeof HOOK_OFFSETS)[]) {
  test(`with a wrong offset of ${name} it cannot, and the VM works all the same`, () => {
    for (const by of [-4, 4]) {
      const offsets = { ...HOOK_OFFSETS, [name]: HOOK_OFFSETS[name] + by }
      assert.equal(testArming(world.vm, world.base, offsets), false, `${name} ${by}`)
      assert.equal(findDifference(world.vm, world.base), undefined)
      assert.deepEqual(world.run('return 1 + 1'), [2])
    }
  })
}

/** Runs a source that calls its argument; what that does is done in the middle of the run. */
function probe(source: string, inside: () => void): void {
  const { vm } = world
  restoreImage(vm, world.base)
  assert.equal(loadChunk(vm, Buffer.from(source), 'probe'), undefined)
  vm.lua.lua_pushcclosure(vm.runThread, vm.functions.probe, 0)
  vm.probe = inside
  try {
    const { status } = resumeRun(vm, 1)
    assert.equal(status, LUA_OK)
  } finally {
    vm.probe = () => {}
  }
}

test('it finds each nested coroutine, however it was resumed, as deep as Lua nests them', () => {
  for (const depth of [0, 1, 10, 50]) {
    for (const resume of ['coroutine.wrap(f)(n - 1)', 'coroutine.resume(coroutine.create(f), n - 1)']) {
      let states = 0
      let innermost = 0
      const source = `local see = ... local function f(n) if n == 0 then see() else ${resume} end end f(${depth})`
      probe(source, () => {
        innermost = innermostState(armable(world.vm))
        states = armHook(armable(world.vm))
        assert.equal(world.vm.words[(innermost + STATE.hookmask) >>> 2], 8)
      })
      assert.equal(states, depth + 1, resume)
      assert.equal(innermost === world.vm.runThread, depth === 0)
    }
  }
})

test('a hook that fires in a run that may go on takes itself off, and changes nothing', () => {
  let asked = 0
  world.vm.mustStop = () => {
    asked++
    return false
  }
  let result: unknown[] = []
  probe('local see = ... local s = 0 for i = 1, 3 do see() s = s + i end result = s', () => {
    armHook(armable(world.vm))
    result = [asked]
  })
  world.vm.mustStop = () => false
  assert.equal(asked, 3)
  assert.deepEqual(result, [2])
})

test('it follows arguments of C functions only to threads, and comes back from any of them', () => {
  probe(
    'local see = ... local co = coroutine.create(see) pcall(see, co) pcall(see, "x", 1) see({}) see()',
    () => {
      assert.ok(armHook(armable(world.vm)) >= 1)
      world.vm.words[(world.vm.runThread + STATE.hookmask) >>> 2] = 0
    },
  )
})

test('damaged memory leads it nowhere: it ends, and writes to nothing outside the heap', () => {
  const { vm } = world
  const size = 2 ** 21
  const pointer = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.integer({ min: HEAP_BASE / 4, max: size / 4 }).map((word) => word * 4),
    fc.constantFrom(0, vm.runThread, vm.mainState, HEAP_BASE, size - 4, 0xffff_ffff),
  )
  const write = fc.tuple(
    fc.oneof(
      fc.constantFrom(...Object.values(STATE)).map((offset) => vm.runThread + (offset & ~3)),
      fc.integer({ min: HEAP_BASE / 4, max: HEAP_BASE / 4 + 8000 }).map((word) => word * 4),
      fc.constant(HEAP_END_AT),
    ),
    pointer,
  )
  fc.assert(
    fc.property(fc.array(write, { minLength: 1, maxLength: 30 }), (writes) => {
      restoreImage(vm, world.base)
      for (const [address, value] of writes) vm.words[address >>> 2] = value
      const end = Math.min(vm.words[HEAP_END_AT >>> 2] as number, vm.sizeBytes)
      const before = Buffer.from(vm.bytes)
      armHook(armable(vm))
      innermostState(armable(vm))
      assert.ok(before.subarray(0, HEAP_BASE).equals(vm.bytes.subarray(0, HEAP_BASE)))
      if (end >= HEAP_BASE) assert.ok(before.subarray(end).equals(vm.bytes.subarray(end)))
    }),
    { numRuns: 300 },
  )
  restoreImage(vm, world.base)
  vm.bytes.fill(0xff)
  assert.equal(armHook(armable(vm)), 0)
  restoreImage(vm, world.base)
})

test('a circle of calls and a circle of coroutines end', () => {
  const { vm } = world
  restoreImage(vm, world.base)
  const call = vm.words[(vm.runThread + STATE.ci) >>> 2] as number
  vm.words[(call + 8) >>> 2] = call
  assert.equal(armHook(armable(vm)), 1)
  restoreImage(vm, world.base)
})
