// The VM's own checks at start, what they refuse, and giving memory back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBaseImage, createVm } from '../../../workers/vm/base-image.js'
import { BaseMemory } from '../../../workers/vm/base-memory.js'
import { captureImage, Image } from '../../../workers/vm/image.js'
import { STATE } from '../../../workers/vm/layout.js'
import { collectDroppedMemory } from '../../../workers/vm/recycle.js'
import { findDifference } from '../../../workers/vm/restoring.js'
import { testVm } from '../../../workers/vm/self-test.js'
import { warmUp } from '../../../workers/vm/warm-up.js'
import { compileLua } from '../../../workers/vm/wasm.js'
import { LuaWorld, SILENT_HOST } from '../../support/lua-world.js'

const MIB = 2 ** 20
const world = new LuaWorld(64 * MIB)
const baseBytes = createBaseImage(world.module)

test('a sound VM passes, warms up, and stands at its image', () => {
  testVm(world.vm, world.base)
  assert.equal(findDifference(world.vm, world.base), undefined)
  warmUp(world.vm, world.base)
  assert.equal(findDifference(world.vm, world.base), undefined)
  assert.equal(world.vm.condemned, false)
})

test('a damaged image is refused', () => {
  const script = Buffer.from(captureImage(world.vm, world.base.origin))
  for (const [whole, open] of [
    [baseBytes, (bytes: Buffer) => new BaseMemory(bytes)],
    [script, (bytes: Buffer) => new Image(world.base.origin, bytes)],
  ] as const) {
    open(whole)
    for (const damaged of [
      whole.subarray(0, -1),
      Buffer.from(whole.subarray(4)),
      Buffer.alloc(whole.length),
      Buffer.alloc(10),
    ]) {
      assert.throws(() => open(damaged), { code: 'MOONPOOL_START' })
    }
  }
})

/** The base image with one word of the run thread's state changed. */
function withWord(offset: number, word: number): Image {
  const { addresses, heapEnd } = new BaseMemory(baseBytes)
  const bytes = Buffer.from(Uint8Array.from(baseBytes))
  bytes.writeUInt32LE(word, bytes.length - (heapEnd - addresses.runThread) + offset)
  return new Image(new BaseMemory(bytes))
}

test('an unmasked or missing hook is refused', () => {
  for (const [offset, word] of [
    [STATE.hookmask, 8],
    [STATE.hook, 0],
  ] as const) {
    const image = withWord(offset, word)
    const vm = createVm(world.module, image, () => SILENT_HOST)
    assert.throws(() => testVm(vm, image), { code: 'MOONPOOL_START', message: /hook/ })
  }
})

test('memory limits that no VM fits are refused', () => {
  for (const bytes of [0, MIB, 2 * MIB - 1, 2 ** 31 + 65_536, Number.NaN]) {
    assert.throws(() => compileLua(bytes), { code: 'MOONPOOL_START' }, String(bytes))
  }
  assert.ok(compileLua(2 * MIB))
})

test('the memory limit holds', () => {
  const small = new LuaWorld(3 * MIB)
  assert.deepEqual(small.run('return pcall(string.rep, "x", 2 * 2^20 // 1 | 0)'), [
    false,
    'not enough memory',
  ])
  assert.equal(small.failure('local t = {} while true do t = { t } end').code, 'MOONPOOL_MEMORY')
  assert.ok(small.vm.sizeBytes <= 3 * MIB)
})

test('the function table does not grow with runs', () => {
  const table = world.vm.lua.__indirect_function_table
  const before = table.length
  for (let run = 0; run < 1000; run++) world.run('return pcall(error, load("return 1")())')
  assert.equal(table.length, before)
})

test('dropped VMs give their memory back when it is collected', () => {
  const grown = 'local t = {} for i = 1, 500 do t[i] = ("x"):rep(100000) .. i end return #t'
  const dropOne = (): void => {
    world.vm = createVm(world.module, world.base, () => SILENT_HOST)
    assert.deepEqual(world.run(grown), [500])
    assert.ok(world.vm.sizeBytes > 50 * MIB)
    world.vm = createVm(world.module, world.base, () => SILENT_HOST)
    collectDroppedMemory()
  }
  for (let round = 0; round < 3; round++) dropOne()
  const before = process.memoryUsage().rss
  for (let round = 0; round < 20; round++) dropOne()
  // Twenty VMs of 50 MiB would be 1,000 MiB.
  assert.ok(process.memoryUsage().rss - before < 200 * MIB)
})
