// The scripts' world, name by name: what is there, and that nothing else is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LuaWorld } from '../../support/lua-world.js'

const world = new LuaWorld()

const LIBRARIES = {
  _G: `_G _VERSION assert cache collectgarbage coroutine debug error getmetatable ipairs load math next os pairs pcall
    print rawequal rawget rawlen rawset select setmetatable string table tonumber tostring type utf8 xpcall`,
  cache: 'get put put_ttl',
  coroutine: 'close create isyieldable resume running status wrap yield',
  debug: 'traceback',
  math: `abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad random
    randomseed sin sqrt tan tointeger type ult`,
  os: 'clock date difftime time',
  string: 'byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper',
  table: 'concat insert move pack remove sort unpack',
  utf8: 'char charpattern codepoint codes len offset',
}

for (const [library, names] of Object.entries(LIBRARIES)) {
  test(`${library} holds exactly what it should`, () => {
    const [found] = world.run(`
      local names = {}
      for name in next, ${library} do names[#names + 1] = name end
      table.sort(names)
      return table.concat(names, " ")`)
    assert.equal(found, names.split(/\s+/).join(' '))
  })
}

const ABSENT = `io package require dofile loadfile warn os.execute os.exit os.getenv os.remove os.rename os.tmpname
  os.setlocale string.dump debug.sethook debug.gethook debug.getregistry debug.getinfo debug.getlocal debug.setlocal
  debug.getupvalue debug.setupvalue debug.upvalueid debug.upvaluejoin debug.getmetatable debug.setmetatable
  debug.getuservalue debug.setuservalue debug.debug debug.setcstacklimit bit32 jit unpack loadstring setfenv getfenv
  math.pow math.cosh string.gfind table.getn`

for (const name of ABSENT.split(/\s+/)) {
  test(`${name} is absent`, () => {
    assert.deepEqual(world.run(`return ${name} == nil`), [true])
  })
}

test('nothing reachable leads to what is absent', () => {
  const [found] = world.run(`
    local seen, paths = {}, {}
    local function walk(value, path)
      if seen[value] or (type(value) ~= "table" and type(value) ~= "function") then return end
      seen[value] = true
      paths[#paths + 1] = path
      if type(value) ~= "table" then return end
      for key, part in next, value do walk(key, path .. "<key>") walk(part, path .. "." .. tostring(key)) end
      local metatable = getmetatable(value)
      if metatable then walk(metatable, path .. "<meta>") end
    end
    walk(_G, "_G")
    for _, part in ipairs({ coroutine.running() }) do walk(getmetatable(part), "thread<meta>") end
    return #paths`)
  const functions = Object.values(LIBRARIES).flatMap((names) => names.split(/\s+/))
  const values = ['_G', '_VERSION', 'huge', 'maxinteger', 'mininteger', 'pi', 'charpattern']
  // Each table is a path of its own; _G stands in the list of its own names.
  assert.equal(found, functions.length - values.length + 1)
})

test('the environment is the same by every road', () => {
  assert.deepEqual(
    world.run(
      'return _G == _ENV, load("return _G")() == _G, _G._G == _G, coroutine.wrap(function() return _G end)() == _G',
    ),
    [true, true, true, true],
  )
})

test('Lua says which Lua it is', () => {
  assert.deepEqual(world.run('return _VERSION, math.type(1), math.type(1.0), 1 << 62'), [
    'Lua 5.4',
    'integer',
    'float',
    1n << 62n,
  ])
})

test('the metatable of strings is hidden', () => {
  assert.deepEqual(world.run('return getmetatable(""), ("x"):upper(), pcall(setmetatable, "", {})'), [
    false,
    'X',
    false,
    "bad argument #1 to 'setmetatable' (table expected, got string)",
  ])
})

test('collectgarbage tells the count and nothing more', () => {
  assert.deepEqual(
    world.run(`local kilobytes = collectgarbage("count")
      return math.type(kilobytes), kilobytes > 10, kilobytes < 1000, collectgarbage("collect"), collectgarbage("step"),
        collectgarbage("step", 100), collectgarbage()`),
    ['float', true, true, 0, 0, 0, 0],
  )
  for (const option of [
    'stop',
    'restart',
    'isrunning',
    'generational',
    'incremental',
    'setpause',
    'setstepmul',
    'x',
  ]) {
    assert.equal(
      world.failure(`collectgarbage("${option}")`).message,
      `test.lua:1: bad argument #1 to 'collectgarbage' (invalid option '${option}')`,
    )
  }
  assert.match(world.failure('collectgarbage({})').message, /string expected, got table/)
})

test('a full collection asked for by a script takes no time', () => {
  const [before, after] = world.run(`
    local garbage = {}
    for i = 1, 100 do garbage[i] = ("x"):rep(1000) .. i end
    garbage = nil
    local before = collectgarbage("count")
    collectgarbage()
    return before, collectgarbage("count")`)
  assert.ok((after as number) >= (before as number))
})

test('functions of the world keep their names in messages and tracebacks', () => {
  const traceback = world.failure('local f = load; f(nil, nil, {})').traceback
  assert.match(traceback, /\[C\]: in function 'load'/)
  assert.match(world.failure('local d = os.date; d(1, {})').traceback, /function 'os\.date'/)
  assert.match(world.failure('setmetatable(1)').message, /^test\.lua:1: bad argument #1 to 'setmetatable'/)
  assert.match(
    world.failure('local s = setmetatable; s({}, 1)').message,
    /^test\.lua:1: bad argument #2 to 's'/,
  )
})

test('debug.traceback describes', () => {
  const [text] = world.run('local function f() return debug.traceback("here") end return f()')
  assert.match(text as string, /^here\nstack traceback:\n\t.*test\.lua:1: in/s)
})
