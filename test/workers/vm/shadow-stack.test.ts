// The claims by which only part of the shadow stack is zeroed: see workers/vm/shadow-stack.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadChunk, resumeRun } from '../../../workers/vm/execution.js'
import { HEAP_BASE, STATIC_END } from '../../../workers/vm/layout.js'
import { restoreImage } from '../../../workers/vm/restoring.js'
import { CLEAN_STACK_BYTES, cleanDeepStack } from '../../../workers/vm/shadow-stack.js'
import { LuaWorld } from '../../support/lua-world.js'

const KIB = 1024
const world = new LuaWorld()

interface StackUse {
  /** From the top to the deepest byte that was written. */
  readonly depth: number
  /** The longest stretch of zeroes above it. */
  readonly untouched: number
}

/** What running `source` leaves on a shadow stack that was clean. */
function stackUse(source: string): StackUse {
  const { vm, base } = world
  restoreImage(vm, base)
  assert.equal(loadChunk(vm, Buffer.from(source), 'deep.lua'), undefined)
  vm.bytes.fill(0, STATIC_END, HEAP_BASE)
  resumeRun(vm, 0)
  vm.hasParsed = true
  let depth = 0
  let untouched = 0
  for (let at = HEAP_BASE - 1, stretch = 0; at >= STATIC_END; at--, stretch++) {
    if (vm.bytes[at] === 0) continue
    untouched = Math.max(untouched, stretch)
    stretch = -1
    depth = HEAP_BASE - at
  }
  return { depth, untouched }
}

const DEEPEST = '(("%.99f"):format(1e308) .. tonumber("1.234567e300") .. (1 / 3) .. os.date("%c"))'

/** Nests to a depth given as n, then uses as much stack as a single call can. */
const NESTINGS: Readonly<Record<string, string>> = {
  gsub: `local function f(n) return (("a"):gsub("a", function() return n == 0 and ${DEEPEST} or f(n - 1) end)) end`,
  pcall: `local function f(n) if n == 0 then return ${DEEPEST} end return select(2, pcall(f, n - 1)) end`,
  xpcall: `local function f(n) if n == 0 then return ${DEEPEST} end return select(2, xpcall(f, error, n - 1)) end`,
  sort: `local function f(n)
      if n == 0 then return ${DEEPEST} end
      table.sort({ 1, 2 }, function() f(n - 1) return false end)
    end`,
  __index: `local function f(n) local t t = setmetatable({}, { __index = function(_, k)
      if k == 0 then return ${DEEPEST} end
      return t[k - 1]
    end }) return t[n] end`,
  __concat: `local function f(n)
      if n == 0 then return ${DEEPEST} end
      return setmetatable({}, { __concat = function() return f(n - 1) end }) .. 1
    end`,
  __lt: `local function f(n)
      if n == 0 then return ${DEEPEST} end
      local m = { __lt = function() return f(n - 1) end }
      return setmetatable({}, m) < setmetatable({}, m)
    end`,
  __tostring: `local function f(n)
      if n == 0 then return ${DEEPEST} end
      return tostring(setmetatable({}, { __tostring = function() return f(n - 1) end }))
    end`,
  'string.format': `local function f(n)
      if n == 0 then return ${DEEPEST} end
      return ("%s"):format(setmetatable({}, { __tostring = function() return f(n - 1) end }))
    end`,
  'table.concat': `local function f(n)
      if n == 0 then return ${DEEPEST} end
      return table.concat(setmetatable({}, { __len = function() return 1 end, __index = function() return f(n - 1) end }))
    end`,
  coroutine: `local function f(n) if n == 0 then return ${DEEPEST} end return coroutine.wrap(f)(n - 1) end`,
  __close: `local function f(n)
      if n == 0 then return ${DEEPEST} end
      local x <close> = setmetatable({}, { __close = function() f(n - 1) end })
    end`,
}

for (const [kind, source] of Object.entries(NESTINGS)) {
  test(`nesting by ${kind} leaves no stretch as long as the window`, () => {
    let deepest = 0
    for (const levels of [0, 1, 3, 7, 15, 40, 100, 180]) {
      const { depth, untouched } = stackUse(`${source} f(${levels})`)
      assert.ok(untouched <= 8.5 * KIB, `${levels} levels: ${untouched} bytes untouched`)
      deepest = Math.max(deepest, depth)
    }
    assert.ok(deepest > 4 * KIB && deepest < 512 * KIB, `${deepest} bytes deep`)
  })
}

test('the parser stays within its reach', () => {
  const nest = (before: string, inside: string, after: string): string =>
    `load("return " .. ("${before}"):rep(190) .. "${inside}" .. ("${after}"):rep(190))`
  for (const source of [
    nest('(', '1.2345e300', ')'),
    nest('{', '1.2345e300', '}'),
    nest('function() return ', '1.2345e300', ' end'),
    nest('f(', '1.2345e300', ')'),
    nest('not ', '1.2345e300', ''),
    nest('x ..', '1.2345e300', ''),
    nest('1 + (2 ^ ', '1.2345e300', ')'),
    'load(("do "):rep(190) .. "x = 1.2345e300 " .. ("end "):rep(190))',
    'load(("for i = 1, 2 do "):rep(180) .. "x = 1.2345e300 " .. ("end "):rep(180))',
    'load(("if x then "):rep(190) .. "x = 1.2345e300 " .. ("end "):rep(190))',
    'load(("a, "):rep(190) .. "a = 1.2345e300")',
  ]) {
    const { depth } = stackUse(source)
    assert.ok(depth < 128 * KIB, `${depth} bytes: ${source}`)
  }
})

test('dirt is found at every depth that a clean stretch does not hide', () => {
  const bytes = Buffer.alloc(HEAP_BASE)
  for (const depth of [13, 20, 21, 45, 64, 100, 500, 1020]) {
    for (let at = HEAP_BASE - CLEAN_STACK_BYTES - 1; at >= HEAP_BASE - depth * KIB; at -= 8 * KIB)
      bytes[at] = 1
    cleanDeepStack(bytes, false)
    assert.equal(
      bytes.findIndex((byte) => byte !== 0),
      -1,
      `${depth} KiB`,
    )
  }
})

test('after parsing, the reach of the parser is zeroed in any case, and what lies below it looked at', () => {
  const bytes = Buffer.alloc(HEAP_BASE)
  bytes[HEAP_BASE - 200 * KIB] = 1
  bytes[HEAP_BASE - 260 * KIB] = 1
  cleanDeepStack(bytes, true)
  assert.equal(
    bytes.findIndex((byte) => byte !== 0),
    -1,
  )
})
