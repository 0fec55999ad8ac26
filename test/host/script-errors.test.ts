// Row T5 of docs/semantics.md: what an error of a script tells the host.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { type MoonpoolErrorCode, ScriptError } from '../../src/index.js'
import { startEngine } from '../support/engine.js'
import { rejection } from '../support/rejection.js'

test('T5: message, script, line and traceback', async (t) => {
  const engine = await startEngine(t)
  const source = `
    local function inner(n)
      error('boom ' .. n)
    end
    function main(n) inner(n) end`
  const script = await engine.load(source, { name: 'limiter.lua' })
  const error = await rejection(script.run(7), 'MOONPOOL_LUA_ERROR')
  assert.ok(error instanceof ScriptError)
  assert.equal(error.name, 'ScriptError')
  assert.equal(error.message, 'limiter.lua:3: boom 7')
  assert.equal(error.script, 'limiter.lua')
  assert.equal(error.line, 3)
  assert.match(error.traceback ?? '', /limiter\.lua:3: .*\n.*limiter\.lua:5:/s)
  assert.equal('value' in error, false)
})

test('T5: printing an error shows the source line and Lua’s levels, once', async (t) => {
  const engine = await startEngine(t)
  const source =
    'function main(n)\n\tlocal x = nil\n\treturn n + x\nend\nfunction outer(n) return 1 + main(n) end'
  const script = await engine.load(source, { name: 'sum.lua' })
  const error = await rejection(script.call('outer', [1]), 'MOONPOOL_LUA_ERROR')
  assert.equal(error.sourceLine, '\treturn n + x')
  assert.equal(
    inspect(error),
    `ScriptError: sum.lua:3: attempt to perform arithmetic on a nil value (local 'x')
    3 | return n + x
    at sum.lua:3: in function 'main'
    at sum.lua:5: in function 'outer' {
  code: 'MOONPOOL_LUA_ERROR',
  script: 'sum.lua',
  line: 3
}`,
  )
  assert.equal(String(error), `ScriptError: ${error.message}`)
})

test('T5: the source line of every kind of script error', async (t) => {
  const engine = await startEngine(t, { limits: { memoryBytes: 8 * 2 ** 20 } })
  const cases: readonly (readonly [MoonpoolErrorCode, string, string])[] = [
    ['MOONPOOL_LUA_SYNTAX', 'local x = 1\r\nlocal = 2', 'local = 2'],
    ['MOONPOOL_LUA_ERROR', '#!/usr/bin/lua\nerror({})', 'error({})'],
    ['MOONPOOL_LOADING', '\n\n  cache.get("x") -- here', '  cache.get("x") -- here'],
    ['MOONPOOL_MEMORY', '\nlocal s = ("x"):rep(1 << 28)', 'local s = ("x"):rep(1 << 28)'],
  ]
  for (const [code, source, line] of cases) {
    const error = await rejection(engine.load(source, { name: 'x.lua' }), code)
    assert.equal(error.sourceLine, line)
    assert.ok(error.stack?.includes(`\n    ${error.line} | ${line.trim()}\n    at `), error.stack)
  }
  const chunk = 'local t = ...\nreturn t.a.b'
  for (const arg of [{}, { a: 5 }]) {
    const error = await rejection(engine.eval(chunk, [arg]), 'MOONPOOL_LUA_ERROR')
    assert.equal(error.sourceLine, 'return t.a.b')
  }
})

test('T5: a stack is safe to show, whatever the script raised', async (t) => {
  const engine = await startEngine(t)
  const error = await rejection(engine.eval('error("\\27[2J\\r\\0")'), 'MOONPOOL_LUA_ERROR')
  assert.ok(error.message.endsWith('\x1b[2J\r\0'))
  assert.match(error.stack ?? '', /: \\x1b\[2J\\r\\x00\n {4}1 \| error\(/)
})

test('T5: an error without a line stands with its script', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load('function main() return print end', { name: 'x.lua' })
  for (const error of [
    await rejection(script.run(), 'MOONPOOL_INVALID_VALUE'),
    await rejection(script.call('other'), 'MOONPOOL_NO_FUNCTION'),
  ]) {
    assert.equal(error.stack, `${error.name}: ${error.message}\n    at x.lua`)
    assert.equal('sourceLine' in error, false)
  }
})

test('T5: sources are kept as long as all of them fit imageBytes', async (t) => {
  const engine = await startEngine(t, { limits: { imageBytes: 2 ** 20 } })
  const comments = `--${'x'.repeat(2 ** 10)}\n`.repeat(600)
  const source = `${comments}function main() error("boom") end`
  const showsLine = async (name: string, mustDispose: boolean): Promise<boolean> => {
    const script = await engine.load(source, { name })
    const error = await rejection(script.run(), 'MOONPOOL_LUA_ERROR')
    assert.equal(error.line, 601)
    if (mustDispose) script.dispose()
    return 'sourceLine' in error
  }
  for (let round = 0; round < 5; round++) assert.equal(await showsLine('short-lived.lua', true), true)
  assert.equal(await showsLine('first.lua', false), true)
  assert.equal(await showsLine('second.lua', false), false)
})

test('T5: syntax errors name script and line', async (t) => {
  const engine = await startEngine(t)
  const error = await rejection(
    engine.load('local x = 1\nlocal = 2', { name: 'x.lua' }),
    'MOONPOOL_LUA_SYNTAX',
    /^x\.lua:2: /,
  )
  assert.equal(error.script, 'x.lua')
  assert.equal(error.line, 2)
  await rejection(engine.eval('return ('), 'MOONPOOL_LUA_SYNTAX', /^script-[0-9a-f]{8}:1: /)
  await rejection(engine.load(Uint8Array.of(0x1b, 0x4c, 0x75, 0x61)), 'MOONPOOL_LUA_SYNTAX')
})

test('T5: a raised table comes along as value', async (t) => {
  const engine = await startEngine(t)
  const error = await rejection(
    engine.eval('error({ code = 429, retry = { after = 5 } })'),
    'MOONPOOL_LUA_ERROR',
  )
  assert.deepEqual(error.value, { code: 429, retry: { after: 5 } })
  assert.ok(error.message.length > 0)
})

test('T5: whatever is raised, the message is there and short', async (t) => {
  const engine = await startEngine(t)
  for (const raised of [
    'nil',
    'true',
    '5',
    'print',
    'coroutine.create(print)',
    '{}',
    '("x"):rep(5 * 1024 * 1024)',
    '""',
    '"\\xff\\0\\n"',
    'setmetatable({}, { __tostring = function() while true do end end })',
    'setmetatable({}, { __tostring = function() error("again") end, __name = 5 })',
  ]) {
    const error = await rejection(engine.eval(`error(${raised}, 0)`), 'MOONPOOL_LUA_ERROR')
    assert.ok(error.message.length > 0, raised)
    assert.ok(Buffer.byteLength(error.message) <= 5 * 1024, raised)
  }
})

test('T5: an error while loading is the error of load', async (t) => {
  const engine = await startEngine(t)
  const error = await rejection(
    engine.load('\nerror("at load")', { name: 'x.lua' }),
    'MOONPOOL_LUA_ERROR',
    /^x\.lua:2: at load/,
  )
  assert.equal(error.line, 2)
  const script = await engine.load('function main() return 1 end', { name: 'x.lua' })
  assert.equal(await script.run(), 1)
})

test('T5: memory is catchable in Lua, and MOONPOOL_MEMORY when it is not caught', async (t) => {
  const engine = await startEngine(t, { limits: { memoryBytes: 8 * 2 ** 20 } })
  const bomb = '("x"):rep(1 << 28)'
  assert.equal(
    await engine.eval(
      `local ok, message = pcall(function() return ${bomb} end) return tostring(ok) .. ' ' .. message`,
    ),
    'false not enough memory',
  )
  const error = await rejection(engine.eval(`return #${bomb}`), 'MOONPOOL_MEMORY', /not enough memory/)
  assert.equal(error.name, 'LimitError')
  assert.equal(await engine.eval('return 1'), 1)
})

test('T6: a timeout is not catchable, and what was stored before stays', async (t) => {
  const engine = await startEngine(t)
  const options = { cachePrefix: 'a', timeoutMs: 50 }
  const endless = 'cache.put("k", 1) pcall(function() while true do end end) return "caught"'
  const error = await rejection(engine.eval(endless, [], options), 'MOONPOOL_TIMEOUT', /50 ms/)
  assert.equal(error.name, 'LimitError')
  assert.equal(await engine.cache.withPrefix('a').get('k'), 1)
  assert.equal(await engine.eval('return 1'), 1)
})

test('T6: timeoutMs of the engine holds for runs, and for loading', async (t) => {
  const engine = await startEngine(t, { limits: { timeoutMs: 50 } })
  await rejection(engine.load('while true do end'), 'MOONPOOL_TIMEOUT')
  const script = await engine.load(
    'function main(s) local t = os.clock() while os.clock() - t < s do end return s end',
  )
  await rejection(script.run(10), 'MOONPOOL_TIMEOUT')
  assert.equal(await script.run(0.1, { timeoutMs: 20_000 }), 0.1)
})
