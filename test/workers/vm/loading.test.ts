// Sources: what load and loadChunk take, refuse, and skip.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LuaWorld } from '../../support/lua-world.js'

const world = new LuaWorld()
/** The first bytes of any binary chunk of Lua 5.4. */
const BINARY = '\\27Lua\\x54\\0\\x19\\x93\\r\\n\\x1a\\n'

test('load compiles strings and reader functions', () => {
  assert.deepEqual(world.run('return load("return 1 + 1")()'), [2])
  assert.deepEqual(
    world.run(`
      local parts, at = { "return ", "4", "0 + ", "2" }, 0
      return load(function() at = at + 1 return parts[at] end)()`),
    [42],
  )
})

test('load takes a name, and names the chunk by its text without one', () => {
  assert.deepEqual(world.run('return select(2, load("x x", "=mine"))'), ["mine:1: syntax error near 'x'"])
  assert.deepEqual(world.run('return select(2, load("x x"))'), ['[string "x x"]:1: syntax error near \'x\''])
})

test('an environment counts only when it is given', () => {
  assert.deepEqual(
    world.run('y = 3 return load("return y", "n", "t", { y = 7 })(), load("return y")()'),
    [7, 3],
  )
  assert.deepEqual(world.run('y = 3 return load("return y", nil, nil, { y = 7 })()'), [7])
  assert.deepEqual(world.run('y = 3 return load("return y", "n", "t")(), load("return y", "n")()'), [3, 3])
  assert.deepEqual(world.run('return pcall(load("return y", "n", "t", nil))'), [
    false,
    '[string "n"]:1: attempt to index a nil value (upvalue \'_ENV\')',
  ])
})

test('binary chunks are refused in every mode, from strings and from readers', () => {
  for (const mode of ['nil', '"t"', '"b"', '"bt"', '"tb"']) {
    const refused = [undefined, "attempt to load a binary chunk (mode is 't')"]
    assert.deepEqual(world.run(`return load("${BINARY}", "n", ${mode})`), refused)
  }
  for (const mode of ['nil', '"t"', '"bt"']) {
    const [chunk, message] = world.run(`
      local given = false
      return load(function() if given then return nil end given = true return "${BINARY}" end, "n", ${mode})`)
    assert.equal(chunk, undefined)
    assert.equal(message, "attempt to load a binary chunk (mode is 't')")
  }
  const [chunk] = world.run(`return load(function() return "${BINARY}" end, "n", "b")`)
  assert.equal(chunk, undefined)
})

test('mode b refuses text as Lua does', () => {
  assert.deepEqual(world.run('return load("return 1", "n", "b")'), [
    undefined,
    "attempt to load a text chunk (mode is 'b')",
  ])
})

test('a mode that allows nothing refuses everything, once the reader was asked', () => {
  assert.deepEqual(world.run('return load("return 1", "n", "x")'), [
    undefined,
    "attempt to load a text chunk (mode is 'x')",
  ])
  assert.deepEqual(world.run('return load("return 1", "n", "")'), [
    undefined,
    "attempt to load a text chunk (mode is '')",
  ])
  assert.deepEqual(world.run('return load("return 1", "n", "\\0t")'), [
    undefined,
    "attempt to load a text chunk (mode is '')",
  ])
  for (const mode of ['"x"', '0', '("x"):rep(64) .. "b"']) {
    const [chunk, message] = world.run(`return load("${BINARY}", "n", ${mode})`)
    assert.equal(chunk, undefined)
    assert.match(String(message), /^attempt to load a binary chunk/)
    assert.deepEqual(world.run(`return load(function() error("from the reader", 0) end, "n", ${mode})`), [
      undefined,
      'from the reader',
    ])
  }
})

test("wrong arguments of load are the caller's", () => {
  assert.match(world.failure('\nload(1.5 .. "", "n", {})').message, /^test\.lua:2: bad argument #3 to 'load'/)
  assert.match(
    world.failure('load({})').message,
    /^test\.lua:1: bad argument #1 to 'load' \(function expected/,
  )
  assert.deepEqual(world.run('return load(function() return {} end)'), [
    undefined,
    'test.lua:1: reader function must return a string',
  ])
  assert.deepEqual(world.run('return load(function() error("from the reader", 0) end)'), [
    undefined,
    'from the reader',
  ])
})

test('a byte order mark and a first line with # are skipped, lines keep their numbers', () => {
  const sources = [
    '#!/usr/bin/env lua\nerror("x")',
    '\uFEFFerror("x")',
    '\uFEFF#!lua\nerror("x")',
    '#\nerror("x")',
  ]
  const lines = [2, 1, 2, 2]
  for (const [index, source] of sources.entries()) {
    const { message, line } = world.failure(source)
    assert.equal(message, `test.lua:${lines[index]}: x`)
    assert.equal(line, lines[index])
  }
  for (const empty of ['', '#', '#!lua', '\uFEFF', '\uFEFF#']) assert.deepEqual(world.run(empty), [])
  assert.equal(world.failure(' #x').code, 'MOONPOOL_LUA_SYNTAX')
})

test('a binary script is refused, also behind what is skipped', () => {
  for (const before of ['', '\uFEFF', '#x\n']) {
    const source = Buffer.concat([Buffer.from(before), Buffer.from([0x1b, 0x4c, 0x75, 0x61, 0x54])])
    const { code, message } = world.failure(source)
    assert.equal(code, 'MOONPOOL_LUA_SYNTAX')
    // Behind a skipped line the break stays, so there the signature is an unexpected character.
    assert.match(
      message,
      before === '#x\n' ? /^test\.lua:2: unexpected symbol/ : /binary chunk \(mode is 't'\)/,
    )
  }
})

test('syntax errors tell script and line', () => {
  assert.deepEqual(world.failure('\n\nlocal = 1'), {
    code: 'MOONPOOL_LUA_SYNTAX',
    message: "test.lua:3: <name> expected near '='",
    line: 3,
    traceback: '',
    hasTableValue: false,
  })
})

test('a syntax error near a huge token is cut', () => {
  const { message, line } = world.failure(`x = 1 "${'é'.repeat(1e5)}"`)
  assert.ok(Buffer.byteLength(message) <= 4096 && message.length > 1000)
  assert.equal(line, 1)
})

test('sources longer than a piece, with any bytes, arrive whole', () => {
  const text = '\\x00\\xff'.repeat(20_000)
  assert.deepEqual(world.run(`return #"${text}"`), [40_000])
  const bytes = Buffer.concat([Buffer.from('return "'), Buffer.alloc(50_000, 0xfe), Buffer.from('"')])
  assert.deepEqual(world.run(bytes), ['\xfe'.repeat(50_000)])
})

test('too many levels are an error of the source', () => {
  const { code, message } = world.failure(`return ${'('.repeat(100_000)}`)
  assert.equal(code, 'MOONPOOL_LUA_SYNTAX')
  assert.match(message, /C stack overflow/)
  assert.equal(world.vm.condemned, false)
})

test('long names are cut in messages as Lua cuts them, and lines are found all the same', () => {
  const name = `${'tenant/'.repeat(20)}script.lua`
  const { message, line } = world.failure('\nerror("x")', name)
  assert.equal(line, 2)
  assert.ok(message.startsWith(name.slice(0, 59)))
})
