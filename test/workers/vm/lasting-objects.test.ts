// What lasts of an image is found by lists inside it. Sound ones give strings and code; unsound ones, of whatever kind,
// come to an end and never reach outside the image.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { shortStrings } from '../../../workers/vm/fixed-strings.js'
import { composeImage } from '../../../workers/vm/hot-images.js'
import type { Image } from '../../../workers/vm/image.js'
import { findChangingRanges } from '../../../workers/vm/lasting-objects.js'
import { GLOBAL, HEAP_BASE, OBJECT, SCRATCH_BYTES, STATE } from '../../../workers/vm/layout.js'
import { restoreImage } from '../../../workers/vm/restoring.js'
import { CLEAN_STACK_BYTES } from '../../../workers/vm/shadow-stack.js'
import { LuaWorld } from '../../support/lua-world.js'

const world = new LuaWorld()

function heapOf(image: Image): { heap: Uint32Array; from: number; global: number } {
  const { upperPart } = composeImage(image)
  const heap = new Uint32Array(Uint8Array.from(upperPart.subarray(CLEAN_STACK_BYTES)).buffer)
  const { mainState, scratch } = image.addresses
  const global = heap[(mainState + STATE.global - HEAP_BASE) >>> 2] as number
  return { heap, from: scratch + SCRATCH_BYTES, global }
}

const changingBytes = (image: Image): number => {
  const { heap, from, global } = heapOf(image)
  return findChangingRanges(heap, from, global).reduce((sum, range) => sum + range.to - range.from, 0)
}

test('the names of the base lie together, so that few ranges change', () => {
  const { heap, from, global } = heapOf(world.base)
  const ranges = findChangingRanges(heap, from, global)
  assert.ok(ranges.length <= 6, JSON.stringify(ranges))
  assert.ok(changingBytes(world.base) < 12_000, `${changingBytes(world.base)} bytes`)
})

test("a script's code and texts last, its tables do not", () => {
  const empty = changingBytes(world.load('return function() end'))
  const text = (n: number): string => `"${String.fromCharCode(97 + n).repeat(2000)}"`
  const texts = changingBytes(
    world.load(`local t = { ${text(1)}, ${text(2)} } return function() return t end`),
  )
  assert.ok(texts - empty < 1000, `${texts - empty} bytes`)
  const code = 'a = a + b * 2 - c '.repeat(500)
  const long = changingBytes(world.load(`return function(a, b, c) ${code} end`))
  assert.ok(long - empty < 1000, `${long - empty} bytes`)
  const tables = changingBytes(
    world.load('local t = {} for i = 1, 500 do t[i] = i end return function() return t end'),
  )
  assert.ok(tables - empty > 8000, `${tables - empty} bytes`)
})

test('the strings of the base are in the list that is never collected, with the marks of its own', () => {
  const { vm, base } = world
  restoreImage(vm, base)
  const { global } = heapOf(base)
  const marks = new Set<number>()
  let count = 0
  let object = vm.words[(global + GLOBAL.fixedObjects) >>> 2] as number
  for (; object !== 0; object = vm.words[(object + OBJECT.next) >>> 2] as number) {
    marks.add(vm.bytes[object + OBJECT.marks] as number)
    count++
  }
  assert.equal(marks.size, 1)
  assert.equal(count, shortStrings(vm).length)
  assert.ok(count > 150, `${count} strings`)
})

test('they are still there after a script has dropped all of them and everything was collected', () => {
  const image = world.load(`
    local next, concat, globals = next, table.concat, _G
    for name in next, string do string[name] = nil end
    for name in next, globals do globals[name] = nil end
    return function()
      local t = {}
      for i = 1, 100000 do t[i % 10] = "a" .. i end
      return concat({ "upper", "string", "insert", t[1] }, " ")
    end`)
  for (let run = 0; run < 3; run++) assert.deepEqual(world.call(image), ['upper string insert a99991'])
})

test('lists that are damaged in any way end, inside the image', () => {
  const { heap, from, global } = heapOf(world.load('return function() return "text", {} end'))
  const end = HEAP_BASE + 4 * heap.length
  const word = fc.nat({ max: heap.length - 1 })
  const value = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.integer({ min: HEAP_BASE - 100, max: end + 100 }),
    fc.constantFrom(0, 1, 4, 8, 16, 2 ** 31, 2 ** 32 - 1),
  )
  const first = fc.constantFrom(
    (global + GLOBAL.allObjects - HEAP_BASE) >>> 2,
    (global + GLOBAL.fixedObjects - HEAP_BASE) >>> 2,
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(word, first), value), { maxLength: 300 }), (damages) => {
      const damaged = heap.slice()
      for (const [at, what] of damages) damaged[at] = what
      let last = from
      for (const range of findChangingRanges(damaged, from, global)) {
        assert.ok(range.from >= last && range.to > range.from && range.to <= end, JSON.stringify(range))
        last = range.to
      }
    }),
    { numRuns: 300 },
  )
})
