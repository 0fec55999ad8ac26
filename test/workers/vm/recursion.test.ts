// Recursion of every kind ends as an error of Lua's, at a large and at a small memory limit, and the VM is sound after.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDifference, restoreImage } from '../../../workers/vm/restoring.js'
import { LuaWorld } from '../../support/lua-world.js'

const MIB = 2 ** 20

const RECURSIONS: Readonly<Record<string, string>> = {
  'a Lua function': 'local function f(n) return 1 + f(n + 1) end f(1)',
  pcall:
    'local function f() local ok, reason = pcall(f) if not ok then error(reason, 0) end end f() error("C stack overflow")',
  'a coroutine in a coroutine': 'local function f() return coroutine.wrap(f)() end f()',
  gsub: 'local function f() return (("x"):gsub("x", f)) end f()',
  sort: 'local function f() table.sort({ 1, 2, 3 }, f) end f()',
  __index: 'local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) return t[1]',
  __newindex: 'local t = setmetatable({}, { __newindex = function(t, k) t[k + 1] = 1 end }) t[1] = 1',
  __eq: 'local m = {} m.__eq = function() return setmetatable({}, m) == setmetatable({}, m) end return m.__eq()',
  __concat: 'local t t = setmetatable({}, { __concat = function() return t .. t end }) return t .. t',
  __tostring:
    'local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) return tostring(t)',
  __close: 'local function f() local x <close> = setmetatable({}, { __close = f }) end f()',
  'a chain of __index':
    'local t = {} for _ = 1, 3000 do t = setmetatable({}, { __index = t }) end return t.x',
  'a loop of __index': 'local t = {} setmetatable(t, { __index = t }) return t.x',
  'parentheses of a source': 'return assert(load("return " .. ("("):rep(100000)))',
  'functions of a source': 'return assert(load(("function f() "):rep(10000)))',
  'tables of a source': 'return assert(load("return " .. ("{"):rep(100000)))',
  'operators of a source': 'return assert(load("return " .. ("not "):rep(10000) .. "1"))',
  'blocks of a source': 'return assert(load(("do "):rep(10000)))',
  'concatenations of a source': 'return assert(load("return x" .. ("..x"):rep(100000)))',
  'a loading reader':
    'local function f() return load(f) end local ok, reason = f() error(reason or "C stack overflow", 0)',
  'a pattern': 'return ("x"):rep(300000):match(("x?"):rep(300000))',
  captures: 'return ("x"):match(("("):rep(100) .. "x")',
  'an error handler': 'local function h(m) return 1 + h(m) end error(select(2, xpcall(error, h)), 0)',
  'string.format':
    'local t t = setmetatable({}, { __tostring = function() return ("%s"):format(t) end }) return tostring(t)',
  'table.concat of itself': 'local t = {} t[1] = t return table.concat(t)',
  arguments: 'local function f(...) return select("#", f(1, ...)) end return f()',
}

for (const memoryBytes of [4 * MIB, 64 * MIB]) {
  const world = new LuaWorld(memoryBytes)
  for (const [kind, source] of Object.entries(RECURSIONS)) {
    test(`${kind} recurses in ${memoryBytes / MIB} MiB`, () => {
      const { code, message } = world.failure(source)
      assert.ok(code === 'MOONPOOL_LUA_ERROR' || code === 'MOONPOOL_MEMORY', code)
      assert.ok(message.length > 0)
      assert.equal(world.vm.condemned, false, String(world.vm.thrown))
      restoreImage(world.vm, world.base)
      assert.equal(findDifference(world.vm, world.base), undefined)
      assert.deepEqual(world.run('return 1 + 1'), [2])
    })
  }
}
