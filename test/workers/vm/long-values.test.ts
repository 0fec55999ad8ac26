// Long values that cache.get takes natively, while the store changes, the collector works, memory ends or the run is
// stopped in the middle: a script gets one whole value of its own key, or an error, and no byte of anybody else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { STOPPED } from '../../../workers/vm/execution.js'
import { armHook } from '../../../workers/vm/hook-arming.js'
import { PIECE_HEAD_BYTES, STRING_HEADER_BYTES } from '../../../workers/vm/layout.js'
import { bytesInUse, collectGarbage } from '../../../workers/vm/settling.js'
import { bytes, createStore, FOREVER } from '../../store/fixture.js'
import { encode, MIB } from '../../support/encoding.js'
import { LuaStack } from '../../support/lua-stack.js'
import { ReadingVm } from '../../support/reading-vm.js'

const THEIRS = 'bytes of another tenant '
const OWNER = 7
const MAX_BYTES = 256 * 1024

function createReading(memoryBytes?: number) {
  const { store, prefixes } = createStore({ maxEntries: 20, maxBytes: 4 * MIB }, { stripes: 1 })
  const [own, theirs] = [prefixes.open('own'), prefixes.open('theirs')]
  const reading = new ReadingVm(store, own, memoryBytes)
  const put = (key: string, value: unknown): void => {
    store.put(own, bytes(key), encode(value, MIB), FOREVER)
  }
  /** The key's room is taken by somebody else. */
  const lose = (key: string, sizeBytes: number): void => {
    store.delete(own, bytes(key))
    store.put(
      theirs,
      bytes(key),
      bytes(THEIRS.repeat(sizeBytes / THEIRS.length + 1).slice(0, sizeBytes)),
      FOREVER,
    )
  }
  const { vm } = reading.world
  const assertNoneOfTheirs = (): void => {
    // Any part of a copy holds it whole at least once.
    assert.equal(vm.bytes.indexOf(THEIRS, 0, 'latin1'), -1)
  }
  /** The allocator's count before the scratch area is the one behind it. */
  const assertScratchKept = (): void => {
    const { words, scratch, scratchBytes } = vm
    assert.equal(words[(scratch + scratchBytes) >>> 2], words[(scratch - PIECE_HEAD_BYTES) >>> 2])
  }
  return { store, own, theirs, reading, vm, put, lose, assertNoneOfTheirs, assertScratchKept }
}

/** Values of so many encoded bytes, more or less, of each way that they are taken. */
const KINDS: Readonly<Record<string, (size: number, mark: string) => unknown>> = {
  string: (size, mark) => `${mark} text `.repeat(size).slice(0, size),
  table: (size, mark) => [mark.repeat(size).slice(0, Math.max(1, size - 8)), { [mark]: 1 }],
  items: (size, mark) => Array.from({ length: size >> 4 }, (_, n) => `${mark} number ${n}`),
}

const sizes = fc.oneof(
  fc.integer({ min: 100, max: 300 }),
  fc.integer({ min: 4000, max: 4300 }),
  fc.integer({ min: 300, max: 20_000 }),
  fc.integer({ min: MAX_BYTES - 300, max: MAX_BYTES + 20 }),
)
const changes = fc.constantFrom('nothing', 'overwrite', 'shorten', 'delete', 'lose', 'other key')

for (const isHurried of [false, true]) {
  const how = isHurried ? ', while the collector never rests' : ''
  test(`C10 C12 a long value that changes at any part is the one before or the one after${how}`, () => {
    const { store, own, theirs, reading, put, lose, assertNoneOfTheirs, assertScratchKept } = createReading()
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(KINDS)),
        sizes,
        changes,
        fc.nat({ max: 40 }),
        fc.boolean(),
        (kind, size, change, when, isAtEnd) => {
          store.delete(theirs, bytes('key'))
          const before = kind(size, 'old')
          put('key', before)
          const after = { nothing: before, overwrite: kind(size, 'new'), shorten: kind(130, 'new') }
          const act = (): void => {
            reading.beforePart = () => {}
            reading.beforeEnd = () => {}
            if (change === 'other key') put('another', 1)
            else if (change === 'delete') store.delete(own, bytes('key'))
            else if (change === 'lose') lose('key', encode(before, MIB).length)
            else if (change !== 'nothing') put('key', after[change])
          }
          let hasChanged = false
          const meanwhile = (): void => {
            if (!hasChanged) act()
            hasChanged = true
          }
          reading.beforePart = isAtEnd ? () => {} : (part) => part === when && meanwhile()
          reading.beforeEnd = isAtEnd ? meanwhile : () => {}
          const source = `${isHurried ? 'os.clock()' : ''} return { cache.get("key", "default") }`
          const [found] = reading.run(source) as unknown[]
          const isGone = change === 'delete' || change === 'lose'
          const expected = !hasChanged || change === 'other key' ? before : isGone ? 'default' : after[change]
          assert.deepEqual(found, expected)
          if (hasChanged && change !== 'nothing') assert.ok(reading.elsewhere > 0)
          assertNoneOfTheirs()
          assertScratchKept()
        },
      ),
      { numRuns: 300 },
    )
  })
}

test('C10 a damaged string is never longer than what its value has, nor than it says', () => {
  const { store, own, reading } = createReading()
  const putSaying = (length: number): void => {
    const value = Buffer.from(encode('x'.repeat(1000)))
    value.writeInt32LE(length, 1)
    store.put(own, bytes('key'), value, FOREVER)
  }
  putSaying(999)
  assert.equal(reading.run('return cache.get("key")'), 'x'.repeat(999))
  for (const length of [1001, 1000 + (1 << 24), -1]) {
    putSaying(length)
    assert.throws(() => reading.run('return cache.get("key")'), /more bytes wanted than are left|is damaged/)
  }
})

/** What Lua does with `made`, a decimal number of many digits, beside `text`, an equal string of its own making. */
const USES: Readonly<Record<string, string>> = {
  equal: 'made == text and #made == #text and not (made < text) and made <= text',
  key: '({ [made] = 1 })[text] == 1 and ({ [text] = 1 })[made] == 1',
  number:
    'tonumber(made) == tonumber(text) and made + 0 == text + 0 and tonumber(made) > 1e10 and math.type(made + 0) == "float"',
  bytes: 'made:byte(-1) == text:byte(-1) and made:byte(#text + 1) == nil',
  concat: 'made .. 1 == text .. 1 and table.concat({ made, made }, ",") == table.concat({ text, text }, ",")',
  format: '("%s|%q"):format(made, made) == ("%s|%q"):format(text, text)',
  pack: 'string.pack("s4z", made, made) == string.pack("s4z", text, text)',
  find: '(made .. "x"):find(made, 1, true) == 1 and made:match("^%d+$") == text and #made:gsub("1", "22") >= #text',
  sort: '(function() local t = { made .. "b", made, made .. "a", text } table.sort(t) return t[1] == t[2] and t[3] < t[4] end)()',
  load: 'load("return " .. made)() == tonumber(text) and load("return", made)() == nil and load(made) == nil',
  error: 'select(2, pcall(error, made, 0)) == text and select(2, pcall(error, made)):sub(-#text) == text',
  coroutine: 'coroutine.wrap(function(...) return coroutine.yield(...) end)(made) == text',
  global: '(function() _G[made] = 1 local is = _G[text] == 1 _G[text] = nil return is end)()',
  close:
    'pcall(function() local x <close> = setmetatable({}, { __close = function() error(made) end }) end) == false',
}

for (const isHurried of [false, true]) {
  const how = isHurried ? ', while the collector never rests' : ''
  test(`a long string that was read is one of Lua's own, whatever is done with it${how}`, () => {
    const { reading, put } = createReading()
    const tries = Object.entries(USES).map(([name, use]) => `if not (${use}) then return "${name}" end`)
    for (const length of [124, 127, 128, 129, 255, 256, 257, 1000, 4090, 4096, 65_536]) {
      put('key', '1'.repeat(length))
      const source = `
        ${isHurried ? 'os.clock()' : ''}
        local text = ("1"):rep(${length})
        for round = 1, 3 do
          local made = cache.get("key")
          ${tries.join('\n')}
        end
        return "all"`
      assert.equal(reading.run(source), 'all', `${length} bytes`)
      assert.equal(reading.elsewhere, 0)
    }
  })
}

test("a string made without a copy has the head that Lua's own has, byte by byte, and counts as that does", () => {
  const { vm, L } = new LuaStack()
  // Behind the link to the next object, which differs.
  const headAt = (text: number): string => vm.bytes.toString('hex', text - STRING_HEADER_BYTES + 4, text)
  for (const length of [41, 128, 5000]) {
    collectGarbage(vm)
    const before = bytesInUse(vm)
    const made = vm.native.newLongString(L, length)
    vm.bytes.fill(0x61, made, made + length)
    assert.equal(bytesInUse(vm) - before, STRING_HEADER_BYTES + length + 1)
    vm.lua.lua_pushlstring(L, made, length)
    const copy = vm.lua.lua_tolstring(L, -1, 0)
    assert.notEqual(copy, made)
    assert.equal(headAt(made), headAt(copy))
    vm.lua.lua_settop(L, 0)
    collectGarbage(vm)
    assert.equal(bytesInUse(vm), before)
  }
})

for (const [kind, value] of Object.entries(KINDS)) {
  test(`a long ${kind} for which there is no memory is an error that can be caught, and comes when there is`, () => {
    const { reading, put, vm } = createReading(2 * MIB)
    const expected = value(100_000, 'kept')
    put('key', expected)
    const source = `
      local get, kept, failed = cache.get, {}, 0
      for n = 1, 100 do
        local is, why = pcall(get, "key")
        if is then kept[#kept + 1] = why else
          if why ~= "not enough memory" then return why end
          failed, kept = failed + 1, {}
        end
      end
      return { value = get("key"), failed = failed }`
    vm.native.takeHits()
    const found = reading.run(source) as { value: unknown; failed: number }
    assert.deepEqual(found.value, expected)
    assert.ok(found.failed > 1)
    assert.deepEqual([vm.native.takeHits(), reading.elsewhere], [101 - found.failed, 0])
    assert.equal(vm.condemned, false)
  })

  test(`C10 a run that is stopped while it takes a long ${kind} leaves nothing that the next one meets`, () => {
    const { reading, put, lose, vm, assertNoneOfTheirs } = createReading()
    for (const isTorn of [false, true]) {
      const expected = value(9000, 'kept')
      put('key', expected)
      reading.beforePart = (part) => {
        if (part !== 3) return
        armHook({ memory: vm.memory, runThread: vm.runThread, hook: vm.functions.hook })
        if (isTorn) lose('key', encode(expected).length)
      }
      vm.mustStop = () => true
      assert.equal(reading.start('return cache.get("key"), 1', OWNER).status, STOPPED)
      assert.equal(reading.elsewhere, isTorn ? 1 : 0)
      vm.mustStop = () => false
      reading.beforePart = () => {}
      assertNoneOfTheirs()
      put('key', expected)
      assert.deepEqual(reading.run('return cache.get("key")', OWNER), expected)
    }
  })
}
