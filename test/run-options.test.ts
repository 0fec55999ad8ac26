// The options of a run, C10 above all: only an absent cachePrefix means none.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import type { RunOptions } from '../src/index.js'
import { RunOptionReader } from '../src/run-options.js'
import { thrown } from './support/rejection.js'

const reader = new RunOptionReader({ timeoutMs: 1000, requirePrefix: false })
const strict = new RunOptionReader({ timeoutMs: 1000, requirePrefix: true })

const readAll = (options: unknown, from = reader) => from.read(options as RunOptions, 'script.run')

const read = (options: unknown, from = reader) => {
  const { prefix, timeoutMs } = readAll(options, from)
  return { prefix, timeoutMs }
}

test('what is right', () => {
  assert.deepEqual(read(undefined), { prefix: undefined, timeoutMs: 1000 })
  assert.deepEqual(read({}), { prefix: undefined, timeoutMs: 1000 })
  assert.deepEqual(read({ cachePrefix: 'a' }), { prefix: 'a', timeoutMs: 1000 })
  assert.deepEqual(read({ cachePrefix: 'a', timeoutMs: 5 }), { prefix: 'a', timeoutMs: 5 })
  assert.deepEqual(read({ timeoutMs: undefined }), { prefix: undefined, timeoutMs: 1000 })
  assert.deepEqual(read(Object.assign(Object.create(null), { cachePrefix: 'a' })), {
    prefix: 'a',
    timeoutMs: 1000,
  })
  assert.deepEqual(read(Object.freeze({ cachePrefix: 'a' })), { prefix: 'a', timeoutMs: 1000 })
})

test('options from another realm are as good', () => {
  const foreign: unknown = runInNewContext(`({ cachePrefix: 'a', timeoutMs: 5 })`)
  assert.deepEqual(read(foreign), { prefix: 'a', timeoutMs: 5 })
})

test('a prefix is 1 to 512 bytes of UTF-8', () => {
  const right = [
    'a',
    ' ',
    ':',
    'a:b',
    '\0',
    'x'.repeat(512),
    'é'.repeat(256),
    '漢'.repeat(170),
    '😀'.repeat(128),
  ]
  for (const cachePrefix of right) assert.equal(read({ cachePrefix }).prefix, cachePrefix)
  const wrong = [
    'x'.repeat(513),
    'é'.repeat(257),
    '漢'.repeat(171),
    '😀'.repeat(129),
    '\ud800',
    'a\udc00b',
    'x'.repeat(10_000_000),
  ]
  for (const cachePrefix of wrong) {
    thrown(
      () => read({ cachePrefix }),
      'MOONPOOL_INVALID_OPTION',
      /^script\.run: cachePrefix must be a string of 1 to 512/,
    )
  }
})

test('only an absent cachePrefix means none', () => {
  const wrong = [
    undefined,
    null,
    '',
    5,
    0,
    true,
    false,
    Symbol('a'),
    ['a'],
    { a: 1 },
    new String('a'),
    () => 'a',
  ]
  for (const cachePrefix of wrong) {
    thrown(() => read({ cachePrefix }), 'MOONPOOL_INVALID_OPTION', /^script\.run: cachePrefix must be/)
    thrown(() => read({ cachePrefix }, strict), 'MOONPOOL_INVALID_OPTION')
  }
  const hidden = Object.defineProperty({}, 'cachePrefix', { value: undefined, enumerable: false })
  thrown(() => read(hidden), 'MOONPOOL_INVALID_OPTION')
})

test('no object that could hide a prefix passes as "no prefix"', () => {
  class Tenant {
    get cachePrefix(): string {
      return 'a'
    }
  }
  const hiding = [
    new Tenant(),
    new Map([['cachePrefix', 'a']]),
    Object.create({ cachePrefix: 'a' }),
    ['a'],
    'a',
    5,
    null,
  ]
  for (const options of hiding) {
    thrown(() => read(options), 'MOONPOOL_INVALID_OPTION', /the options must be a plain object, got/)
  }
})

test('a getter is asked once', () => {
  let asked = 0
  const options = {
    get cachePrefix() {
      asked++
      return asked === 1 ? 'a' : ''
    },
  }
  assert.equal(read(options).prefix, 'a')
})

test('timeoutMs is 1 to 86,400,000, fractions rounded up', () => {
  for (const timeoutMs of [1, 50, 86_400_000]) assert.equal(read({ timeoutMs }).timeoutMs, timeoutMs)
  assert.equal(read({ timeoutMs: 1.5 }).timeoutMs, 2)
  assert.equal(read({ timeoutMs: 86_399_999.5 }).timeoutMs, 86_400_000)
  const wrong = [
    0,
    -0,
    0.5,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    86_400_000.5,
    86_400_001,
    2 ** 53,
    '50',
    null,
    5n,
    [50],
  ]
  for (const timeoutMs of wrong) {
    thrown(
      () => read({ timeoutMs }),
      'MOONPOOL_INVALID_OPTION',
      /timeoutMs must be a number of 1 to 86,400,000 \(milliseconds\), got/,
    )
  }
})

test('unknown names are refused, all problems at once', () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ cache_prefix: 'a' }, /unknown option cache_prefix: did you mean cachePrefix\?/],
    [{ prefix: 'a' }, /unknown option prefix: did you mean cachePrefix\?/],
    [{ cachePrefix: 'a', timeout: 5 }, /unknown option timeout: did you mean timeoutMs\?/],
    [
      { tenant: 'a' },
      /unknown option tenant: known here: cachePrefix, timeoutMs, signal, context, onPrint, result/,
    ],
  ]
  for (const [options, message] of cases) thrown(() => read(options), 'MOONPOOL_INVALID_OPTION', message)
  const error = thrown(() => read({ cachePrefix: '', timeoutMs: 0, foo: 1 }), 'MOONPOOL_INVALID_OPTION')
  assert.equal(error.message.split('\n').length, 4)
})

test('requirePrefix refuses runs without one', () => {
  assert.deepEqual(read({ cachePrefix: 'a' }, strict), { prefix: 'a', timeoutMs: 1000 })
  for (const options of [undefined, {}, { timeoutMs: 5 }, { timeoutMs: 1.5 }]) {
    thrown(() => read(options, strict), 'MOONPOOL_PREFIX_REQUIRED', /^script\.run: .*cachePrefix/)
  }
})

test('the other options of a run, each as it is', () => {
  const { signal } = new AbortController()
  const onPrint = (): void => {}
  const context = { any: 'thing' }
  const { extras, wantsJson } = readAll({ signal, onPrint, context, result: 'json', cachePrefix: 'a' })
  assert.deepEqual(
    [extras?.signal, extras?.onPrint, extras?.context, wantsJson],
    [signal, onPrint, context, true],
  )
  const nothing = { signal: undefined, onPrint: undefined, context: undefined, result: undefined }
  assert.deepEqual(readAll(nothing).extras, { signal: undefined, onPrint: undefined, context: undefined })
  assert.equal(readAll(nothing).wantsJson, false)
  assert.equal(readAll({ cachePrefix: 'a', timeoutMs: 1.5 }).timeoutMs, 2)
  for (const value of [null, 0, '', Symbol('x'), () => {}]) {
    assert.equal(readAll({ context: value }).extras?.context, value)
  }
  const foreign: unknown = runInNewContext(`({ context: 5, result: 'json' })`)
  assert.deepEqual([readAll(foreign).extras?.context, readAll(foreign).wantsJson], [5, true])
})

test('T9: what is no signal, no listener or no kind of result is refused', () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ signal: null }, /signal must be an AbortSignal, got null/],
    [{ signal: new AbortController() }, /signal must be an AbortSignal, got an instance of AbortController/],
    [{ signal: { aborted: false } }, /signal must be an AbortSignal, got an object/],
    [{ onPrint: 'log' }, /onPrint must be a function \(line, info\) => void, got the string "log"/],
    [{ onPrint: null }, /onPrint must be a function/],
    [{ result: 'JSON' }, /result must be 'json', or be left out, got the string "JSON"/],
    [{ result: true }, /result must be 'json'/],
    [{ abortSignal: 1 }, /unknown option abortSignal: did you mean signal\?/],
    [{ print: 1 }, /unknown option print: did you mean onPrint\?/],
    [{ ctx: 1 }, /unknown option ctx: /],
  ]
  for (const [options, message] of cases) thrown(() => readAll(options), 'MOONPOOL_INVALID_OPTION', message)
  const all = { signal: 1, onPrint: 1, result: 1, timeoutMs: 0, cachePrefix: '', foo: 1 }
  const { message } = thrown(() => readAll(all), 'MOONPOOL_INVALID_OPTION', /6 options are wrong/)
  assert.equal(message.split('\n').length, 7)
})
