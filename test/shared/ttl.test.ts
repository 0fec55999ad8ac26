import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ALREADY_EXPIRED, expiresAtMs, NEVER_EXPIRES, ttlMsOfSeconds } from '../../src/shared/ttl.js'

const NONE = { defaultTtlMs: undefined, maxTtlMs: undefined }
const NOW_MS = 1000.25

test('without a policy', () => {
  assert.equal(expiresAtMs(NOW_MS, undefined, NONE), NEVER_EXPIRES)
  assert.equal(expiresAtMs(NOW_MS, 50, NONE), 1051)
  assert.equal(expiresAtMs(NOW_MS, 0.000_1, NONE), 1002)
  assert.equal(expiresAtMs(NOW_MS, 1.5, NONE), 1003)
  for (const ttlMs of [0, -0, -1, -1e308, Number.NEGATIVE_INFINITY, Number.NaN]) {
    assert.equal(expiresAtMs(NOW_MS, ttlMs, NONE), ALREADY_EXPIRED)
  }
  for (const ttlMs of [2 ** 53, 1e308, Number.POSITIVE_INFINITY]) {
    assert.equal(expiresAtMs(NOW_MS, ttlMs, NONE), NEVER_EXPIRES)
  }
  assert.equal(expiresAtMs(0, 2 ** 53 - 1, NONE), 2 ** 53 - 1)
})

test('defaultTtlMs applies where no TTL is given, and only there', () => {
  const policy = { defaultTtlMs: 10, maxTtlMs: undefined }
  assert.equal(expiresAtMs(0, undefined, policy), 10)
  assert.equal(expiresAtMs(0, 20, policy), 20)
  assert.equal(expiresAtMs(0, Number.POSITIVE_INFINITY, policy), NEVER_EXPIRES)
  assert.equal(expiresAtMs(0, 0, policy), ALREADY_EXPIRED)
})

test('maxTtlMs shortens whatever is longer', () => {
  const policy = { defaultTtlMs: 100, maxTtlMs: 10 }
  for (const ttlMs of [undefined, 11, 10.5, 2 ** 53, Number.POSITIVE_INFINITY]) {
    assert.equal(expiresAtMs(0, ttlMs, policy), 10)
  }
  assert.equal(expiresAtMs(0, 9, policy), 9)
  assert.equal(expiresAtMs(0, -1, policy), ALREADY_EXPIRED)
  assert.equal(expiresAtMs(0, undefined, { defaultTtlMs: undefined, maxTtlMs: 10 }), 10)
})

test('any TTL: in the past, or within what was asked and allowed', () => {
  fc.assert(
    fc.property(
      fc.double(),
      fc.option(fc.double({ min: 1, max: 1e15, noNaN: true }), { nil: undefined }),
      (ttlMs, maxTtlMs) => {
        const at = expiresAtMs(0, ttlMs, { defaultTtlMs: undefined, maxTtlMs })
        if (!(ttlMs > 0)) return at === ALREADY_EXPIRED
        const asked = ttlMs >= 2 ** 53 ? NEVER_EXPIRES : Math.ceil(ttlMs)
        return at >= 1 && at === Math.min(asked, Math.ceil(maxTtlMs ?? NEVER_EXPIRES))
      },
    ),
  )
})

test('seconds of Lua in milliseconds, without the error of the product', () => {
  for (let ms = 1; ms <= 100_000; ms++) assert.equal(ttlMsOfSeconds(ms / 1000), ms)
  assert.equal(ttlMsOfSeconds(1.5), 1500)
  assert.equal(ttlMsOfSeconds(0), 0)
  assert.equal(ttlMsOfSeconds(-1.5), -1500)
  assert.equal(ttlMsOfSeconds(0.000_25), 0.25)
  assert.equal(ttlMsOfSeconds(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY)
  assert.ok(Number.isNaN(ttlMsOfSeconds(Number.NaN)))
  assert.ok(ttlMsOfSeconds(1e-300) > 0)
})
