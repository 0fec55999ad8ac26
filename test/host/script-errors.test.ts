// Row T5 of docs/semantics.md: what an error of a script tells the host.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptError } from '../../src/index.js'
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
