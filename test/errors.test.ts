// Every code has a class, a name, a number between threads, and a remedy; what is known of an error is carried along.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import {
  codeNumber,
  codeOfNumber,
  createError,
  ERROR_TABLE,
  MoonpoolError,
  type MoonpoolErrorCode,
} from '../src/errors.js'
import {
  HostError,
  InputError,
  InterruptedError,
  LimitError,
  NotStoredError,
  ScriptError,
  StartError,
} from '../src/index.js'
import { startEngine } from './support/engine.js'

const EXPORTED = {
  HostError,
  InputError,
  InterruptedError,
  LimitError,
  NotStoredError,
  ScriptError,
  StartError,
}

const CODES = Object.keys(ERROR_TABLE) as MoonpoolErrorCode[]

test('the codes are the documented ones', () => {
  const documented = `MOONPOOL_LUA_SYNTAX MOONPOOL_LUA_ERROR MOONPOOL_NO_FUNCTION MOONPOOL_TIMEOUT
    MOONPOOL_INSTRUCTIONS MOONPOOL_MEMORY MOONPOOL_ABORTED MOONPOOL_RESULT_TOO_LARGE MOONPOOL_QUEUE_FULL
    MOONPOOL_CLOSED MOONPOOL_WORKER_LOST MOONPOOL_START MOONPOOL_INVALID_VALUE MOONPOOL_INVALID_OPTION
    MOONPOOL_PREFIX_REQUIRED MOONPOOL_NOT_STORED MOONPOOL_LOADING MOONPOOL_HOST_ERROR`
  assert.deepEqual(CODES.toSorted(), documented.split(/\s+/).toSorted())
})

for (const code of CODES) {
  test(`${code}: class, name, number, remedy`, () => {
    const { type, remedy } = ERROR_TABLE[code]
    const error = createError(code, 'what happened')
    assert.ok(error instanceof MoonpoolError)
    assert.ok(error instanceof Error)
    assert.equal(error.constructor.name, type)
    assert.equal(error.code, code)
    assert.equal(error.message, 'what happened')
    assert.equal(error.name, code === 'MOONPOOL_ABORTED' ? 'AbortError' : type)
    assert.ok(remedy.length > 10)
    assert.equal(codeOfNumber(codeNumber(code)), code)
    assert.ok(error instanceof EXPORTED[type], `${type} is exported`)
    assert.match(error.stack ?? '', /what happened/)
  })
}

test('a number that nobody knows is still an error of a script', () => {
  for (const number of [-1, CODES.length, 2 ** 31, Number.NaN]) {
    assert.equal(codeOfNumber(number), 'MOONPOOL_LUA_ERROR')
  }
})

test('details are carried, visible and fixed; what is not known is absent', () => {
  const value = { retry: true }
  const details = { script: 'x.lua', line: 3, value, reason: 'too large' }
  const hidden = { sourceLine: 'error("boom")', traceback: 'stack traceback:' }
  const error = createError('MOONPOOL_LUA_ERROR', 'x.lua:3: boom', { ...details, ...hidden })
  assert.deepEqual({ ...error }, { code: 'MOONPOOL_LUA_ERROR', name: 'ScriptError', ...details })
  assert.equal(error.value, value)
  const { sourceLine, traceback } = error
  assert.deepEqual({ sourceLine, traceback }, hidden)
  assert.throws(() => Object.assign(error, { line: 4 }), TypeError)

  const plain = createError('MOONPOOL_LUA_ERROR', 'boom', { script: undefined, line: undefined })
  for (const name of ['script', 'line', 'sourceLine', 'traceback', 'value', 'reason', 'cause'])
    assert.equal(name in plain, false, name)
})

test('the cause is kept as JavaScript keeps it', () => {
  const cause = new Error('below')
  const error = createError('MOONPOOL_START', 'no threads', { cause })
  assert.equal(error.cause, cause)
  assert.equal(Object.keys(error).includes('cause'), false)
})

test('falsy details are details', () => {
  const error = createError('MOONPOOL_LUA_ERROR', '', { line: 0, traceback: '', value: false })
  assert.equal(error.line, 0)
  assert.equal(error.traceback, '')
  assert.equal(error.value, false)
})

test('a given stack stands under the name, and is not taken apart', () => {
  const error = createError('MOONPOOL_LUA_ERROR', 'x.lua:3: boom', { stack: 'x.lua:3: boom\n    at x.lua:3' })
  assert.equal(error.stack, 'ScriptError: x.lua:3: boom\n    at x.lua:3')
  assert.deepEqual(Object.keys(error), ['code', 'name'])
})

test('the stack of a wrong call begins with the call', async (t) => {
  const engine = await startEngine(t)
  const nested = (depth: number): object => (depth === 0 ? { at: new Date() } : { in: nested(depth - 1) })
  const calls = [
    () => engine.eval('return 1', [], JSON.parse('{ "timeout": 5 }')),
    () => engine.eval('return 1', [nested(100)]),
    () => engine.load(JSON.parse('5')),
    () => engine.cache.put('key', new Date()),
  ]
  for (const call of calls) {
    const error = await call().catch((reason: unknown) => reason)
    assert.ok(error instanceof InputError)
    const [first, ...others] = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
    assert.match(first ?? '', /errors\.test\.js/, error.stack)
    assert.ok(others.length < 10)
    assert.ok(error.stack?.startsWith(`InputError: ${error.message}\n`))
  }
  assert.equal(Error.stackTraceLimit, 10)
})

test('a host that has frozen Error gets the same errors', () => {
  const script = `
    import { createError } from ${JSON.stringify(new URL('../src/errors.js', import.meta.url).href)}
    Object.freeze(Error)
    const script = createError('MOONPOOL_LUA_ERROR', 'a.lua:1: boom', { stack: 'a.lua:1: boom' })
    const input = createError('MOONPOOL_INVALID_OPTION', 'wrong')
    console.log(script.code, script.stack, '|', input.code, input.message)`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  assert.equal(
    stdout.trim(),
    'MOONPOOL_LUA_ERROR ScriptError: a.lua:1: boom | MOONPOOL_INVALID_OPTION wrong',
    stderr,
  )
})
