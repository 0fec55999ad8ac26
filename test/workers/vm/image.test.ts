// An image says every byte of a VM's memory by what differs from the base image. Here each is compared with a plain copy
// of the memory that it was made from.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createVm } from '../../../workers/vm/base-image.js'
import { heapEnd } from '../../../workers/vm/base-memory.js'
import { loadChunk, resumeRun } from '../../../workers/vm/execution.js'
import { HOT_AFTER } from '../../../workers/vm/hot-images.js'
import { captureImage, Image } from '../../../workers/vm/image.js'
import { HEAP_BASE, HEAP_END_AT, SCRATCH_BYTES, STATIC_END } from '../../../workers/vm/layout.js'
import { restoreImage } from '../../../workers/vm/restoring.js'
import { collectGarbage } from '../../../workers/vm/settling.js'
import type { Vm } from '../../../workers/vm/vm.js'
import { LuaWorld, SILENT_HOST } from '../../support/lua-world.js'

const MIB = 2 ** 20
const RANDOM_STATE_BYTES = 32
const world = new LuaWorld(16 * MIB)

interface Loaded {
  readonly image: Image
  /** Its bytes, as they lie in the arena. */
  readonly bytes: Buffer
  /** What the memory must be after a restore; beyond its end, zeroes. */
  readonly memory: Buffer
}

/** The image of the VM as it is, and its memory as it must be ever after. */
function capture(vm: Vm): Loaded {
  const bytes = Buffer.from(new SharedArrayBuffer(captureImage(vm, world.base.origin).length))
  captureImage(vm, world.base.origin).copy(bytes)
  const memory = Buffer.from(Uint8Array.from(vm.bytes.subarray(0, heapEnd(vm))))
  memory.fill(0, STATIC_END, HEAP_BASE)
  return { image: new Image(world.base.origin, bytes), bytes, memory }
}

/** Runs `source`, however it ends; `spoil` may then write to the memory. */
function load(source: string, spoil?: (vm: Vm) => void): Loaded {
  const { vm, base } = world
  restoreImage(vm, base)
  assert.equal(loadChunk(vm, Buffer.from(source), 'load.lua'), undefined)
  resumeRun(vm, 0)
  collectGarbage(vm)
  spoil?.(vm)
  return capture(vm)
}

function assertRestored(vm: Vm, { image, memory }: Loaded): void {
  restoreImage(vm, image)
  const { randomState } = image.addresses
  const expected = Buffer.alloc(vm.sizeBytes)
  expected.set(memory)
  vm.bytes.copy(expected, randomState, randomState, randomState + RANDOM_STATE_BYTES)
  if (expected.equals(vm.bytes)) return
  assert.fail(`address ${expected.findIndex((byte, at) => byte !== vm.bytes[at])} was not restored`)
}

const LOADS: Readonly<Record<string, string>> = {
  'does nothing': '',
  'defines a function': 'function main(n) return n + 1 end',
  'fills a large heap': 'list = {} for i = 1, 200000 do list[i] = i end',
  'leaves a large heap empty': 'local t = {} for i = 1, 200000 do t[i] = { i } end',
  'interns so many strings that their table grows':
    'names = {} for i = 1, 5000 do names["name " .. i] = i end',
  'changes all that the base has': `
    for _, library in pairs({ string, table, math, utf8, coroutine, os, debug, cache, _G }) do
      for name in pairs(library) do if name ~= "pairs" and name ~= "_G" then library[name] = { name } end end
    end`,
  'leaves coroutines': `
    kept = {}
    for i = 1, 50 do
      kept[i] = coroutine.create(function() local x <close> = setmetatable({}, { __close = error }) coroutine.yield() end)
      coroutine.resume(kept[i])
    end`,
  'ends in an error': 'for i = 1, 100 do _G["left" .. i] = {} end error({ 1 })',
  'yields out of itself': 'kept = { 1 } coroutine.yield(kept)',
  'runs out of memory': 'kept = {} while true do kept[#kept + 1] = ("x"):rep(100000) .. #kept end',
  'overflows the stack': 'local function f(n) return 1 + f(n + 1) end f(1)',
}

const RUNS = [
  'return 1',
  'for i = 1, 3000 do _G["g" .. i] = { i } end',
  'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end',
  'error({ { "deep" } })',
  'string.format = nil setmetatable(_G, { __index = error })',
  'coroutine.yield(1)',
  `local function f(n) return (("a"):gsub("a", function() return n == 0 and ("%.99f"):format(1e308) or f(n - 1) end)) end
   f(100)`,
]

function run(vm: Vm, source: string): void {
  assert.equal(loadChunk(vm, Buffer.from(source), 'run.lua'), undefined)
  resumeRun(vm, 0)
}

for (const [kind, source] of Object.entries(LOADS)) {
  test(`the image of a load that ${kind} is its whole memory, after runs of every kind`, () => {
    const loaded = load(source)
    assertRestored(world.vm, loaded)
    for (const hostile of RUNS) {
      restoreImage(world.vm, world.base)
      run(world.vm, hostile)
      assertRestored(world.vm, loaded)
    }
  })
}

test('images one after the other, in any order, with runs on top: each time the memory of that one', () => {
  const all = Object.values(LOADS).map((source) => load(source))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(all.length - 1), fc.option(fc.constantFrom(...RUNS))), { maxLength: 12 }),
      (steps) => {
        for (const [which, source] of steps) {
          assertRestored(world.vm, all[which] as Loaded)
          if (source !== null) run(world.vm, source)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a run that is stopped where it is leaves nothing', () => {
  const vm = createVm(world.module, world.base, () => SILENT_HOST)
  const loaded = load('kept = { 1 } function main() end')
  for (const nesting of ['%s', 'coroutine.wrap(function() %s end)()', 'pcall(function() %s end)']) {
    const loop = 'local n = 0 while true do n = n + 1 list = { list, "piece " .. n } end'
    restoreImage(vm, loaded.image)
    assert.equal(loadChunk(vm, Buffer.from(nesting.replace('%s', loop)), 'loop.lua'), undefined)
    vm.lua.lua_sethook(vm.runThread, vm.functions.hook, 8, 10_000)
    vm.mustStop = () => true
    resumeRun(vm, 0)
    assertRestored(vm, loaded)
  }
})

/** Statements that scripts are made of at random; %d is a number. */
const STATEMENTS = [
  'g%d = { %d, "text %d" }',
  'local t = {} for i = 1, %d do t[i] = { i } end g = t[%d]',
  'for i = 1, %d do _G["name " .. i] = i end',
  'string["f%d"] = function(a) return a, %d end',
  'g = ("x"):rep(%d)',
  'co%d = coroutine.wrap(function() coroutine.yield(%d) end) co%d()',
  'pcall(error, { %d })',
  'g = load("return " .. %d)',
  'g%d = nil table = nil',
  'setmetatable(_G, { __index = { x = %d } })',
  'g = string.format("%%d %%s", %d, "x")',
  'math.random(%d)',
]

test('images of random scripts, and of memory with random words in it, are the whole memory', () => {
  const script = fc
    .array(fc.tuple(fc.constantFrom(...STATEMENTS), fc.integer({ min: 1, max: 3000 })), { maxLength: 8 })
    .map((list) =>
      list.map(([text, n]) => `do ${text.replaceAll('%d', String(n)).replaceAll('%%', '%')} end`),
    )
  const place = fc.oneof(
    fc.integer({ min: 0, max: STATIC_END - 4 }),
    fc.integer({ min: HEAP_BASE, max: HEAP_BASE + 40_000 }),
  )
  const writes = fc.array(fc.tuple(place, fc.nat({ max: 0xffffffff })), { maxLength: 400 })
  fc.assert(
    fc.property(script, writes, (statements, words) => {
      const loaded = load(statements.join('\n'), (vm) => {
        for (const [at, word] of words) {
          if (at >>> 2 !== HEAP_END_AT >>> 2) vm.words[at >>> 2] = word
        }
      })
      world.vm.bytes.fill(0xff)
      assertRestored(world.vm, loaded)
    }),
    { numRuns: 150 },
  )
})

test('what a load leaves in the scratch area is no part of its image', () => {
  const { vm } = world
  const { scratch } = vm
  const clean = load('kept = 1')
  const loaded = load('kept = 1', () => vm.bytes.fill(0xee, scratch, scratch + SCRATCH_BYTES))
  assert.equal(loaded.bytes.length, clean.bytes.length)
  vm.bytes.fill(0xff)
  restoreImage(vm, loaded.image)
  assert.deepEqual(new Set(vm.bytes.subarray(scratch, scratch + SCRATCH_BYTES)), new Set([0]))
})

test('a load that moved its heap end anywhere has an image as any other', () => {
  const { origin } = world.base
  for (const end of [
    0,
    HEAP_BASE,
    HEAP_BASE + 1,
    HEAP_BASE + 4097,
    origin.heapEnd - 3,
    origin.heapEnd,
    origin.heapEnd + 5,
    MIB,
    2 * MIB + 1,
    0xffffffff,
  ]) {
    const loaded = load('kept = 1', (vm) => {
      vm.words[HEAP_END_AT >>> 2] = end
    })
    world.vm.bytes.fill(0xff)
    assertRestored(world.vm, loaded)
    // Now the memory itself says where the heap ends.
    assertRestored(world.vm, loaded)
  }
})

test('a run that lowered its heap end leaves nothing of its image', () => {
  const { vm } = world
  const [small, large] = [load(''), load('kept = ("x"):rep(100000)')]
  for (const { image } of [small, large]) restoreImage(vm, image, 7)
  vm.words[HEAP_END_AT >>> 2] = HEAP_BASE
  assertRestored(vm, small)
})

test('an image takes what its script added, and little more', () => {
  const sizeOf = (source: string): number => load(source).bytes.length
  const empty = sizeOf('function main() end')
  assert.ok(empty < 3 * 1024, `${empty} bytes`)
  const text = 'x'.repeat(50_000)
  assert.ok(sizeOf(`kept = "${text}"`) < 3 * text.length)
  assert.ok(sizeOf(`-- ${text}\nfunction main() end`) < 2 * empty, 'a source is no part of it')
})

test('an image that is restored often gets code of its own, a few at a time, and restores the same', () => {
  const { vm } = world
  const often = (loaded: Loaded): void => {
    loaded.image.restores = HOT_AFTER - 4
    for (let n = 0; n < 8; n++) restoreImage(vm, loaded.image)
  }
  const loads = Array.from({ length: 6 }, (_, n) =>
    load(`for i = 1, ${1 + 60 * n} do _G["name " .. i] = { ${n} } end string = { ${n} }`),
  )
  for (const loaded of loads) {
    assert.equal(loaded.image.hot, undefined)
    often(loaded)
    assert.notEqual(loaded.image.hot, undefined)
    for (const source of RUNS) {
      run(vm, source)
      assertRestored(vm, loaded)
    }
    vm.bytes.fill(0xff)
    assertRestored(vm, loaded)
  }
  assert.deepEqual(
    loads.map(({ image }) => image.hot !== undefined),
    [false, false, true, true, true, true],
  )
  for (const loaded of loads) assertRestored(vm, loaded)
  const large = load(LOADS['fills a large heap'] as string)
  often(large)
  assert.equal(large.image.hot, undefined)
  assertRestored(vm, large)
})
