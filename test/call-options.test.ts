// The options of single calls: what they take, and what is said when they are wrong. Those of runs: run-options.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveCloseOptions, resolveLoadOptions, resolvePutOptions } from '../src/options.js'
import { thrown } from './support/rejection.js'

test('load: a name of 1 to 256 bytes without control characters', () => {
  for (const name of ['a', 'limiter.lua', 'x'.repeat(256), 'é'.repeat(128), 'two words', '😀'.repeat(64)]) {
    assert.deepEqual(resolveLoadOptions({ name }), { name })
  }
  assert.deepEqual(resolveLoadOptions(undefined), {})
  const wrong = ['', 'x'.repeat(257), 'é'.repeat(129), 'a\nb', 'a\0b', '\x1b[1m', '\u0085', '\ud800', null, 5]
  for (const name of wrong) {
    thrown(
      () => resolveLoadOptions({ name }),
      'MOONPOOL_INVALID_OPTION',
      /^engine\.load: name must be a string of 1 to 256/,
    )
  }
  thrown(() => resolveLoadOptions({ nane: 'x' }), 'MOONPOOL_INVALID_OPTION', /did you mean name\?/)
})

test('close: graceMs from 0 to a day', () => {
  assert.deepEqual(resolveCloseOptions(undefined), { graceMs: 30_000 })
  assert.deepEqual(resolveCloseOptions({ graceMs: 0 }), { graceMs: 0 })
  for (const graceMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', 86_400_001]) {
    thrown(
      () => resolveCloseOptions({ graceMs }),
      'MOONPOOL_INVALID_OPTION',
      /^engine\.close: graceMs must be/,
    )
  }
})

test('put: any TTL but NaN', () => {
  for (const ttlMs of [-1, 0, 0.5, 1500, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, undefined]) {
    assert.equal(resolvePutOptions({ ttlMs }).ttlMs, ttlMs)
  }
  for (const ttlMs of [Number.NaN, '5', null, 5n]) {
    thrown(() => resolvePutOptions({ ttlMs }), 'MOONPOOL_INVALID_OPTION', /^cache\.put: ttlMs must be/)
  }
  thrown(
    () => resolvePutOptions({ ttl: 5 }),
    'MOONPOOL_INVALID_OPTION',
    /unknown option ttl: did you mean ttlMs\?/,
  )
})
