// Everything that can be made too large, in pairs: just under works, just over gives exactly the error that is documented,
// and neither another tenant nor the host notices.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EngineOptions, MoonpoolError } from '../../src/index.js'
import { MAX_MESSAGE_BYTES } from '../../src/limits.js'
import { BOMB_LIMITS, BOMBS, nested, shared } from '../support/bombs.js'
import { startBystander } from '../support/bystander.js'
import { rejection } from '../support/rejection.js'

const MIB = 2 ** 20
const OPTIONS: EngineOptions = { limits: BOMB_LIMITS }

test('in pairs: just under works, just over gives its error, and nobody else notices', async (t) => {
  const { engine, assertUnharmed } = await startBystander(t, OPTIONS)
  const attacker = { cachePrefix: 'attacker' }
  for (const { name, under, gives, over, fault } of BOMBS) {
    assert.deepEqual(await engine.eval(under, [], attacker), gives, name)
    const [code, message] = fault
    const error: unknown = await engine.eval(over, [], attacker).catch((reason: unknown) => reason)
    assert.ok(error instanceof MoonpoolError, `${name}: ${String(error)}`)
    assert.equal(error.code, code, `${name}: ${error.message}`)
    assert.match(error.message, message, name)
    await assertUnharmed(name)
  }
})

test('a bomb inside pcall is caught or not, and its VM is no different afterwards', async (t) => {
  const { engine, assertUnharmed } = await startBystander(t, OPTIONS)
  for (const { name, over } of BOMBS) {
    const caught = `local ok, why = pcall(function() ${over} end) return ok, #tostring(why) > 0`
    // A result that is too large for the host is none for pcall.
    assert.equal(typeof (await engine.eval(caught, [], { cachePrefix: 'attacker' })), 'boolean', name)
    await assertUnharmed(name)
  }
})

test('error values: whatever is raised, a message of bounded length arrives', async (t) => {
  const { engine, assertUnharmed } = await startBystander(t, {
    limits: { timeoutMs: 60_000, memoryBytes: 32 * MIB },
  })
  const raised = [
    'error(("e"):rep(5 * 2^20))',
    'error(("\\xff"):rep(5 * 2^20), 0)',
    'error({ message = ("e"):rep(5 * 2^20) })',
    `${shared(40)} error(t)`,
    `${nested(1000)} error(t)`,
    'local t = {} t.t = t error(t)',
    'error(setmetatable({}, { __tostring = function() return ("e"):rep(5 * 2^20) end }))',
    'error(setmetatable({}, { __tostring = error, __name = ("n"):rep(2^20) }))',
    'error(coroutine.create(print))',
    'error(print)',
    'error()',
    'error(0/0)',
    'local function f() error(("line\\n"):rep(2^18)) end f()',
    'local t = setmetatable({}, { __index = function(t, k) error(k) end }) return t[("k"):rep(2^20)]',
    `local s = ("x"):rep(2^18) return load("return " .. s .. "()")()`,
  ]
  for (const source of raised) {
    const error: unknown = await engine.eval(source).catch((reason: unknown) => reason)
    assert.ok(error instanceof MoonpoolError, `${source}: ${String(error)}`)
    assert.equal(error.code, 'MOONPOOL_LUA_ERROR', error.message)
    assert.ok(error.message.length > 0 && Buffer.byteLength(error.message) <= MAX_MESSAGE_BYTES, source)
    assert.ok(Buffer.byteLength(error.traceback ?? '') <= 2 * MAX_MESSAGE_BYTES, source)
    await assertUnharmed(source)
  }
})

test('arguments and sources: at their bound they arrive, one byte more is refused before anything runs', async (t) => {
  const { engine, assertUnharmed } = await startBystander(t, OPTIONS)
  const script = await engine.load('function main(s) return #s end')
  // A long string has a head before its bytes.
  let largest = MIB
  while ((await script.run('x'.repeat(largest)).catch(() => undefined)) === undefined) largest--
  assert.ok(largest >= MIB - 16)
  const { completed, failed } = engine.stats()
  await rejection(
    script.run('x'.repeat(largest + 1)),
    'MOONPOOL_INVALID_VALUE',
    /more than 1048576 bytes: give less, or raise limits\.maxArgumentBytes/,
  )
  const deep = (depth: number): unknown[] => (depth === 1 ? [] : [deep(depth - 1)])
  await rejection(script.run(deep(129)), 'MOONPOOL_INVALID_VALUE', /deep/)
  const laughs = Array.from({ length: 40 }).reduce<unknown[]>((t) => [t, t, t, t, t, t, t, t], ['lol'])
  await rejection(script.run(laughs), 'MOONPOOL_INVALID_VALUE', /maxArgumentBytes/)
  assert.deepEqual(
    { completed, failed },
    { completed: engine.stats().completed, failed: engine.stats().failed },
  )
  assert.equal(await script.run(deep(128)), 1)
  const sourceOf = (bytes: number): string => `return 1 --${'x'.repeat(bytes - 11)}`
  assert.equal(await engine.eval(sourceOf(MIB)), 1)
  await rejection(engine.eval(sourceOf(MIB + 1)), 'MOONPOOL_INVALID_OPTION', /limits\.sourceBytes/)
  await assertUnharmed('arguments')
})

test('print bombs: 64 KiB of a run arrive, then one line that says so', async (t) => {
  const lines: string[] = []
  const { engine, assertUnharmed } = await startBystander(t, {
    ...OPTIONS,
    onPrint: (line) => lines.push(line),
  })
  const notice = /^\(more output was cut: a run prints at most 65536 bytes\)$/
  const bombs: Record<string, number> = {
    'print(("x"):rep(2^20))': 2,
    'for i = 1, 1e6 do print() end': 65_537,
    'print(table.unpack({}, 1, 200000))': 2,
    'local t = setmetatable({}, { __tostring = function() print("inner") return ("y"):rep(2^16) end }) for i = 1, 9 do print(t) end': 3,
  }
  for (const [source, most] of Object.entries(bombs)) {
    lines.length = 0
    await engine.eval(source, [], { cachePrefix: 'attacker' })
    assert.ok(lines.length <= most, `${source}: ${lines.length} lines`)
    assert.match(String(lines.at(-1)), notice, source)
    assert.ok(lines.slice(0, -1).reduce((sum, line) => sum + line.length + 1, 0) <= 65_536 + 1, source)
    await assertUnharmed(source)
  }
})
