// Images that are restored often: what is copied when, and that it is enough. After each kind of run the next one for the
// same owner finds all that Lua knows as the image has it, byte by byte.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBaseImage, createVm } from '../../../workers/vm/base-image.js'
import { BaseMemory } from '../../../workers/vm/base-memory.js'
import { loadChunk, resumeRun, STOPPED } from '../../../workers/vm/execution.js'
import { armHook } from '../../../workers/vm/hook-arming.js'
import { HOT_AFTER } from '../../../workers/vm/hot-images.js'
import type { Image } from '../../../workers/vm/image.js'
import { InstructionBudget } from '../../../workers/vm/instruction-budget.js'
import { STATIC_END } from '../../../workers/vm/layout.js'
import { findDifference, restoreImage } from '../../../workers/vm/restoring.js'
import type { Vm } from '../../../workers/vm/vm.js'
import { compileLua } from '../../../workers/vm/wasm.js'
import { createRandom } from '../../support/inspected-engine.js'
import { LuaWorld, SILENT_HOST } from '../../support/lua-world.js'
import { generateScript } from '../../support/script-generator.js'
import { assertState } from '../../support/vm-state.js'

const world = new LuaWorld()
const OWNER = 7
const MIB = 2 ** 20

type Way = 'all' | 'state' | 'changing'

/** The image of a script that runs `body` each time, restored often enough, and the ways it is restored from now on. */
function heat(body: string): { image: Image; ways: Way[] } {
  const image = world.load(`local up = { "kept" } return function() ${body} end`)
  image.restores = HOT_AFTER - 1
  const { vm } = world
  restoreImage(vm, image, OWNER)
  assert.notEqual(image.hot, undefined)
  restoreImage(vm, image)
  const [restorer] = vm.restorers
  assert.ok(restorer !== undefined)
  const ways: Way[] = []
  const { code } = restorer
  const noting = (way: Way) => (): void => {
    ways.push(way)
    code[way]()
  }
  vm.restorers[0] = {
    hot: restorer.hot,
    code: { all: noting('all'), state: noting('state'), changing: noting('changing') },
  }
  vm.restorer = undefined
  return { image, ways }
}

function runTimes(vm: Vm, image: Image, times: number): void {
  for (let run = 0; run < times; run++) {
    restoreImage(vm, image, OWNER)
    assertState(vm, image)
    resumeRun(vm, 0)
  }
}

/** Runs until the hook stops it at once. */
function runStopped(image: Image): void {
  const { vm } = world
  restoreImage(vm, image, OWNER)
  vm.mustStop = () => true
  armHook({ memory: vm.memory, runThread: vm.runThread, hook: vm.functions.hook })
  assert.equal(resumeRun(vm, 0).status, STOPPED)
  vm.mustStop = () => false
}

const UNCOLLECTED: Readonly<Record<string, string>> = {
  'does nothing': '',
  'changes tables, globals and upvalues':
    'up[1] = nil up = { up } _G.string = nil math.pi = 3 x = { y = { "z" } } table.insert(_G, 1)',
  'makes some strings': 'local t = {} for i = 1, 40 do t[i] = "string " .. i end return table.concat(t, ",")',
  'takes the hash of long strings': `local t = { [("long "):rep(20)] = 1 } t["${'a long constant '.repeat(4)}"] = 2`,
  'makes closures': 'local function f(n) return function() n = n + 1 return n end end return f(1)(), f(2)()',
  'leaves coroutines': 'co = coroutine.wrap(function() local x = up coroutine.yield(x) end) co()',
  'calls through Lua and C': '("abc"):gsub(".", function(c) return up[1] .. c end) table.sort({ 3, 2, 1 })',
  'catches errors': 'pcall(error, {}) pcall(function() local x = nil; x.y = 1 end)',
  fails: 'error("no")',
  'formats and reads numbers': 'return ("%5.2f %q"):format(1.5, 3), tonumber("0x1p4"), os.date("!%c", 0)',
  compiles: 'return load("local a = ... return a .. \'x\'")("y")',
  'uses closing variables':
    'local x <close> = setmetatable({}, { __close = function() up = nil end }) error("y")',
  'catches its lack of memory': 'pcall(string.rep, "x", 1e9) kept = 1',
  'has the allocator lengthen what lies in front': `pcall(function()
      local x <close> = setmetatable({}, { __close = function(_, why) end })
      local n = 0
      repeat n = n + 1 until n > 2 or ("1e2"):rep(2)
    end)`,
  'grows its stack': 'local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end return f(150)',
}

const COLLECTED: Readonly<Record<string, string>> = {
  'makes so many strings that their table grows': 'for i = 1, 700 do local s = "name " .. i end',
  collects: 'for i = 1, 20000 do local t = { i } end',
  'collects again and again': 'for i = 1, 200000 do local t = { i } end',
  'drops names and collects': 'string, table, math = nil for i = 1, 50000 do local s = "name " .. i end',
  'takes all memory': 'local t = {} while true do t[#t + 1] = ("x"):rep(1000000) .. #t end',
}

for (const [kind, body] of Object.entries(UNCOLLECTED)) {
  test(`after a run that ${kind} only what runs change is put back`, () => {
    const { image, ways } = heat(body)
    runTimes(world.vm, image, 4)
    assert.deepEqual(ways, ['all', 'changing', 'changing', 'changing'])
  })
}

for (const [kind, body] of Object.entries(COLLECTED)) {
  test(`after a run that ${kind} all that Lua knows is put back`, () => {
    const { image, ways } = heat(body)
    runTimes(world.vm, image, 4)
    assert.deepEqual(ways, ['all', 'state', 'state', 'state'])
  })
}

test('another image, a run that was ended where it was, another owner: nothing of the last run is relied on', () => {
  const { vm } = world
  const { image, ways } = heat('while up do end')
  const other = world.load('return function() up = 1 end')
  runStopped(image)
  assert.deepEqual(ways.splice(0), ['all'])
  restoreImage(vm, image, OWNER)
  assert.deepEqual(ways.splice(0), ['all'], 'it was ended where it was')
  restoreImage(vm, image, OWNER)
  restoreImage(vm, other, OWNER)
  restoreImage(vm, image, OWNER)
  assert.deepEqual(ways.splice(0), ['changing', 'state'])
  restoreImage(vm, image, OWNER + 1)
  assert.deepEqual(ways.splice(0), ['all'])
})

test('after 64 runs for one owner the whole memory is restored', () => {
  const { vm } = world
  const { image, ways } = heat('')
  runTimes(vm, image, 1)
  for (const at of [2048, STATIC_END + 100_000, vm.scratch, image.heapEnd + 8]) vm.bytes[at] = 0xaa
  vm.usedEnd = image.heapEnd + 16
  for (let run = 1; run < 64; run++) {
    restoreImage(vm, image, OWNER)
    assert.notEqual(findDifference(vm, image), undefined, `run ${run}`)
  }
  restoreImage(vm, image, OWNER)
  vm.bytes[STATIC_END + 100_000] = 0
  assert.equal(findDifference(vm, image), undefined)
  assert.deepEqual(new Set(ways.slice(1, -1)), new Set(['changing']))
  assert.equal(ways.at(-1), 'all')
})

test('an image that gets no code is restored from its difference', (t) => {
  for (const name of ['Module', 'Instance'] as const) {
    const image = world.load(`return function() return "${name}" end`)
    image.restores = HOT_AFTER - 1
    const mock = t.mock.method(WebAssembly, name, () => {
      throw new RangeError('out of memory')
    })
    for (let run = 0; run < 3; run++) {
      restoreImage(world.vm, image, OWNER)
      assertState(world.vm, image)
    }
    assert.equal(mock.mock.callCount(), 1)
    mock.mock.restore()
    assert.equal(image.hot, undefined)
    assert.deepEqual(world.call(image), [name])
  }
})

function isLoadable(script: string): boolean {
  restoreImage(world.vm, world.base)
  return loadChunk(world.vm, Buffer.from(script), 'script') === undefined
}

test('random scripts leave nothing that the next run of their own would find', () => {
  const first = Number(process.env.HOT_IMAGES_SEED ?? Math.floor(Math.random() * 2 ** 31))
  const count = Number(process.env.HOT_IMAGES_SCRIPTS ?? 150)
  const seen = new Set<Way>()
  for (let seed = first; seed < first + count; seed++) {
    try {
      const script = generateScript(createRandom(seed))
      if (!isLoadable(script)) continue
      const { image, ways } = heat(script)
      runTimes(world.vm, image, 3)
      for (const way of ways) seen.add(way)
    } catch (error) {
      throw new Error(`HOT_IMAGES_SEED=${seed}`, { cause: error })
    }
  }
  assert.ok(seen.has('changing'))
})

const ENDLESS = 'local co = coroutine.wrap(function() while up do end end) co()'
const SPENT = 50_000

/** What a thread does with its VM, image after image, in any order. */
class MixedRuns {
  readonly #instructions: number | undefined
  readonly #below: (count: number) => number
  readonly #world: LuaWorld
  readonly #kinds: readonly string[]
  readonly images: readonly Image[]
  readonly #deeds: readonly (() => void)[] = [
    () => this.#load('for i = 1, 3000 do _G["g" .. i] = { i } end return print'),
    () => this.#replaceVm(),
    () => this.#world.vm.grow(this.#world.vm.sizeBytes + 1),
  ]
  #image: Image
  #owner = 0

  constructor(seed: number, instructions: number | undefined) {
    const random = createRandom(seed)
    this.#below = (count) => Math.floor(random() * count)
    this.#instructions = instructions
    const module = compileLua(16 * MIB)
    this.#world = new LuaWorld(16 * MIB, undefined, new BaseMemory(createBaseImage(module, instructions)))
    this.#replaceVm()
    const bodies = [...Object.values({ ...UNCOLLECTED, ...COLLECTED }), 'kept = ("x"):rep(2^22)', ENDLESS]
    this.#kinds = Array.from({ length: 7 }, () => bodies[this.#below(bodies.length)] as string)
    // The larger ones get no code.
    this.images = this.#kinds.map((body, n) => {
      const rest = `("x"):rep(${n === 0 ? 0 : this.#below(3) * 100_000})`
      return this.#load(`local up = { "kept" } local rest = ${rest} return function() ${body} end`)
    })
    this.#image = this.images[0] as Image
  }

  #replaceVm(): void {
    this.#world.vm = createVm(this.#world.module, this.#world.base, () => SILENT_HOST)
    this.#world.vm.budget = new InstructionBudget(this.#instructions)
  }

  #load(source: string): Image {
    this.#world.vm.budget.beginRun()
    return this.#world.load(source)
  }

  next(): void {
    if (this.#below(20) === 0) this.#deeds[this.#below(3)]?.()
    if (this.#below(10) < 3) this.#image = this.images[this.#below(7)] as Image
    if (this.#below(10) < 2) this.#owner = 1 + this.#below(2)
    const image = this.#image
    if (this.#below(10) < 2) image.restores = HOT_AFTER - 1
    const { vm } = this.#world
    const isAnother = this.#owner !== vm.owner
    restoreImage(vm, image, this.#owner)
    assertState(vm, image)
    if (isAnother) assert.equal(findDifference(vm, image), undefined)
    this.#run(vm, this.#kinds[this.images.indexOf(image)] === ENDLESS || this.#below(10) < 2)
  }

  #run(vm: Vm, mustStop: boolean): void {
    vm.budget.beginRun()
    vm.mustStop = () => mustStop
    if (mustStop) armHook({ memory: vm.memory, runThread: vm.runThread, hook: vm.functions.hook })
    resumeRun(vm, 0)
    vm.mustStop = () => false
    if (vm.condemned) this.#replaceVm()
  }
}

for (const instructions of [undefined, SPENT]) {
  const counting = instructions === undefined ? '' : ', instructions counted'
  test(`images, owners, loads, stops, other VMs, code that comes and goes${counting}: each run finds its image`, () => {
    const seed = Number(process.env.HOT_IMAGES_SEED ?? Math.floor(Math.random() * 2 ** 31))
    const runs = new MixedRuns(seed, instructions)
    for (let run = 0; run < Number(process.env.HOT_IMAGES_TURNS ?? 200); run++) {
      try {
        runs.next()
      } catch (error) {
        throw new Error(`HOT_IMAGES_SEED=${seed}, run ${run}`, { cause: error })
      }
    }
    assert.ok(runs.images.some(({ hot }) => hot !== undefined))
  })
}
