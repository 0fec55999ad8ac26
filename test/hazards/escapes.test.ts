// Scripts that try to get out: to bytecode, to another tenant's data, to JavaScript's objects, to the next run. Each says
// what it got; what it should have got stands beside it, and afterwards neither another tenant nor the host is different.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LuaArgument } from '../../src/index.js'
import { ATTACKER, attack, startBystander } from '../support/bystander.js'
import { rejection } from '../support/rejection.js'

test('compiled Lua is refused by every door', async (t) => {
  // Behind a first line that is skipped, its first byte is no longer taken for a signature, but for text.
  const refused = /attempt to load a binary chunk|unexpected symbol near '<\\27>'/
  await attack(t, {
    'load, a string': [
      'return select(2, load("\\27LuaT\\0"))',
      "attempt to load a binary chunk (mode is 't')",
    ],
    'load, mode b': [
      'return select(2, load("\\27LuaT\\0", "x", "b"))',
      "attempt to load a binary chunk (mode is 't')",
    ],
    'load, mode bt': ['return load("\\27LuaT\\0", "x", "bt") == nil', true],
    'load, from pieces': [
      'local p, i = { "\\27", "Lua", "T\\0" }, 0 return load(function() i = i + 1 return p[i] end, "x", "b") == nil',
      true,
    ],
    'load, an empty piece first': [
      'local p, i = { "\\27LuaT" }, 0 return load(function() i = i + 1 return p[i] end) == nil',
      true,
    ],
    'load, a mode that is an object': [
      'return pcall(load, "\\27LuaT", "x", setmetatable({}, { __tostring = function() return "b" end }))',
      false,
    ],
    'string.dump': ['return string.dump == nil and ("").dump == nil', true],
    'the original of load': [
      'local names = {} for name, f in pairs(_G) do if f == load then names[#names + 1] = name end end return table.concat(names)',
      'load',
    ],
  })
  const { engine } = await startBystander(t)
  const bytecode = Buffer.from('\x1bLuaT\0\x19\x93\r\n\x1a\n', 'latin1')
  for (const source of [
    bytecode,
    Buffer.concat([Buffer.from('#!lua\n'), bytecode]),
    Buffer.from([0xef, 0xbb, 0xbf, ...bytecode]),
  ]) {
    await rejection(engine.load(source), 'MOONPOOL_LUA_SYNTAX', refused)
    await rejection(engine.eval(source), 'MOONPOOL_LUA_SYNTAX', refused)
  }
})

test("the tables of the world are one run's own", async (t) => {
  await attack(t, {
    'metatable of strings': ['return getmetatable("")', false],
    'setmetatable of a string': ['return pcall(setmetatable, "", {})', false],
    'a field of a string': ['return pcall(function() local s = "x" s.y = 1 end)', false],
    'string methods': ['string.upper = function() return "attacker" end return ("x"):upper()', 'attacker'],
    'string.__index': ['string.rep = nil return pcall(function() return ("x"):rep(2) end)', false],
    'all functions replaced': [
      'for name in pairs(_G) do if name ~= "_G" then _G[name] = function() return "attacker" end end end return tostring(1)',
      'attacker',
    ],
    'libraries emptied': [
      'for _, library in ipairs { string, table, math, os, utf8, coroutine, debug, cache } do for name in next, library do library[name] = nil end end return next(string)',
      undefined,
    ],
    'metatable of _G': [
      'setmetatable(_G, { __index = function(_, name) return name end, __metatable = "locked" }) return whatever',
      'whatever',
    ],
    'a global left behind': ['mark, left, attacker = 1, 2, 3 return mark', 1],
    'a protected metatable': [
      'local t = setmetatable({}, { __metatable = "mine" }) return pcall(setmetatable, t, nil)',
      false,
    ],
    'getmetatable and rawset replaced': [
      'getmetatable = function() return {} end rawset = print setmetatable = nil return type(getmetatable(""))',
      'table',
    ],
    'random numbers seeded': ['math.randomseed(42) return math.random(0) == math.random(0)', false],
  })
})

test('_ENV leads nowhere else', async (t) => {
  await attack(t, {
    'an _ENV of its own': [
      'local _ENV = setmetatable({}, { __index = _G }) x = 1 return rawget(_G, "x")',
      undefined,
    ],
    'no _ENV': [
      'local pcall = pcall local _ENV <const> = nil return pcall(function() return print end)',
      false,
    ],
    'load with an environment': [
      'local e = {} load("x = 1", "x", "t", e)() return { e.x, x == nil }',
      [1, true],
    ],
    'load without one': ['return load("return _ENV == _G")()', true],
    '_G._G': ['return _G._G == _G and _ENV == _G', true],
    'what is not there': [
      'local found = {} for _, name in ipairs { "io", "package", "require", "dofile", "loadfile", "warn", "moonpool", "process", "global", "globalThis", "window", "js", "jsArray" } do found[#found + 1] = _G[name] end return #found',
      0,
    ],
    'the rest of debug and os': [
      'local names = {} for name in pairs(debug) do names[#names + 1] = name end for name in pairs(os) do names[#names + 1] = name end table.sort(names) return table.concat(names, " ")',
      'clock date difftime time traceback',
    ],
  })
})

test('names that JavaScript treats specially are data everywhere', async (t) => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    'then',
    'toJSON',
    'length',
    'isPrototypeOf',
    'Symbol(nodejs.util.inspect.custom)',
  ]
  const { engine, assertUnharmed } = await startBystander(t)
  const script = await engine.load(`
    function main(names)
      local result = {}
      for i, name in ipairs(names) do
        assert(cache.get(name) == nil, name)
        cache.put(name, { [name] = { polluted = i } })
        result[name] = cache.get(name)[name]
      end
      return result
    end
    function echo(value) return value end
    function raise(name) error({ [name] = { polluted = 1 } }) end
    constructor = function() return "own" end`)
  const result = await script.run<Record<string, { polluted: number }>>(names, ATTACKER)
  assert.deepEqual(Object.keys(result).sort(), [...names].sort())
  for (const [index, name] of names.entries()) {
    assert.deepEqual(Object.getOwnPropertyDescriptor(result, name)?.value, { polluted: index + 1 }, name)
    assert.equal(Object.getPrototypeOf(result), Object.prototype)
    const given = JSON.parse(`{ ${JSON.stringify(name)}: { "polluted": 1 } }`) as LuaArgument
    const [echoed] = await script.call('echo', [given], ATTACKER)
    assert.deepEqual(Object.getOwnPropertyDescriptor(echoed, name)?.value, { polluted: 1 }, name)
    const error = await rejection(script.call('raise', [name], ATTACKER), 'MOONPOOL_LUA_ERROR')
    assert.deepEqual(Object.getOwnPropertyDescriptor(error.value, name)?.value, { polluted: 1 }, name)
    await assertUnharmed(name)
    if (name !== 'constructor') await rejection(script.call(name, [], ATTACKER), 'MOONPOOL_NO_FUNCTION')
  }
  assert.deepEqual(await script.call('constructor', [], ATTACKER), ['own'])
  const tenant = engine.cache.withPrefix('attacker')
  assert.deepEqual(Object.getOwnPropertyDescriptor(await tenant.get('__proto__'), '__proto__')?.value, {
    polluted: 1,
  })
  for (const prefix of names) {
    assert.equal(await engine.eval('return cache.get("x", "none")', [], { cachePrefix: prefix }), 'none')
    await engine.cache.withPrefix(prefix).put('x', prefix)
    assert.equal(await engine.eval('return cache.get("x", "none")', [], { cachePrefix: prefix }), prefix)
  }
  await assertUnharmed('prefixes')
})

test('addresses tell nothing of the host, and nothing can be made of them', async (t) => {
  await attack(t, {
    '%p lies inside the VM': [
      'for _, value in ipairs { {}, print, coroutine.create(print), "s", cache, cache.get } do local address = tonumber(string.format("%p", value), 16) or tonumber(string.format("%p", value)) if not address or address >= 64 * 2^20 then return string.format("%p", value) end end return true',
      true,
    ],
    '%p of plain values': ['return string.format("%p %p %p", 1, nil, true)', '(null) (null) (null)'],
    'tostring lies inside the VM': ['return tonumber(tostring({}):match("0x(%x+)"), 16) < 64 * 2^20', true],
    'no userdata to forge': [
      'for _, library in pairs(_G) do if type(library) == "table" then for _, value in pairs(library) do if type(value) == "userdata" then return value end end end end return nil',
      undefined,
    ],
  })
})

test('debug.traceback, collectgarbage and coroutines do what they say and no more', async (t) => {
  const refused = (option: string): string =>
    `bad argument #1 to 'collectgarbage' (invalid option '${option}')`
  await attack(t, {
    'traceback of levels that are not there': [
      'return debug.traceback("x", math.maxinteger) == debug.traceback("x", -1)',
      true,
    ],
    'traceback of a value': ['return debug.traceback({ 1 })', [1]],
    'traceback of a coroutine': [
      'return (debug.traceback(coroutine.create(print), "x"))',
      'x\nstack traceback:',
    ],
    'traceback without paths of the host': ['return debug.traceback("x"):find("[/\\\\]") == nil', true],
    'collectgarbage, harmless': [
      'return { collectgarbage("collect"), collectgarbage("step", 1e9), collectgarbage() }',
      [0, 0, 0],
    ],
    ...Object.fromEntries(
      ['stop', 'restart', 'isrunning', 'generational', 'incremental', 'setpause', 'setstepmul', 'x'].map(
        (option) => [
          `collectgarbage ${option}`,
          [`return select(2, pcall(collectgarbage, "${option}"))`, refused(option)],
        ],
      ),
    ),
    'no finalizer': [
      'for i = 1, 1000 do setmetatable({}, { __gc = function() mark = true end }) end local s = "" for i = 1, 1e5 do s = "x" .. i end return mark',
      undefined,
    ],
    'closing the running coroutine': [
      'return select(2, pcall(coroutine.close, coroutine.running()))',
      'cannot close a running coroutine',
    ],
    'resuming the running coroutine': [
      'return select(2, coroutine.resume(coroutine.running()))',
      'cannot resume non-suspended coroutine',
    ],
    'closing who called': [
      'local main = coroutine.running() return select(2, pcall(coroutine.wrap(function() coroutine.close(main) end))):match("cannot close a normal coroutine") ~= nil',
      true,
    ],
    'resuming who called': [
      'local main = coroutine.running() return coroutine.wrap(function() return select(2, coroutine.resume(main)) end)()',
      'cannot resume non-suspended coroutine',
    ],
    'a coroutine that waits for ever': [
      'left = coroutine.wrap(function() local x <close> = setmetatable({}, { __close = function() cache.put("closed", true) end }) coroutine.yield("waits") end) return left()',
      'waits',
    ],
    'and is never closed': ['return { left == nil, cache.get("closed", "never") }', [true, 'never']],
  })
})

test('error values with metatables are shown without asking them', async (t) => {
  const { engine, assertUnharmed } = await startBystander(t)
  const raised: Record<string, RegExp> = {
    'error(setmetatable({}, { __tostring = function() cache.put("asked", true) return "asked" end }))':
      /error object is a table value/,
    'error(setmetatable({}, { __tostring = function() while true do end end }))':
      /error object is a table value/,
    'error(setmetatable({}, { __name = "\\27[2Jname\\n" }))': /error object is a table value/,
    'error(setmetatable({ code = 1 }, { __index = error, __pairs = error, __len = error }))':
      /error object is a table value/,
    'local x <close> = setmetatable({}, { __close = function(_, e) error("closed", 0) end }) error("first")':
      /closed/,
    'xpcall(error, function(e) error(e) end, "x") error("after")': /after/,
  }
  for (const [source, message] of Object.entries(raised)) {
    await rejection(engine.eval(source, [], ATTACKER), 'MOONPOOL_LUA_ERROR', message)
    await assertUnharmed(source)
  }
  assert.equal(await engine.eval('return cache.get("asked")', [], ATTACKER), undefined)
  const yielded = rejection(engine.eval('coroutine.yield(1)', [], ATTACKER), 'MOONPOOL_LUA_ERROR')
  assert.match((await yielded).message, /attempt to yield from outside a coroutine/)
})
