// T13 and, seen from the host, C3–C10, C12, C13, C20.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { shiftClock } from '../src/clock.js'
import type { EngineOptions, LuaValue } from '../src/index.js'
import { MAX_IDLE_PREFIXES } from '../src/limits.js'
import { startFakedEngine } from './support/fake-dispatcher.js'
import { rejection, thrown } from './support/rejection.js'

async function startCache(t: TestContext, cache: EngineOptions['cache'] = {}) {
  const { engine, dispatcher, clockOrigin } = await startFakedEngine(t, { cache })
  return {
    engine,
    dispatcher,
    cache: engine.cache,
    tenant: engine.cache.withPrefix('tenant_123'),
    passMs: (ms: number) => shiftClock(clockOrigin, ms),
  }
}

test('put gives true, get a fresh copy, undefined when missing', async (t) => {
  const { tenant } = await startCache(t)
  assert.equal(await tenant.get('profile'), undefined)
  const profile = { name: 'é', roles: ['user'] }
  assert.equal(await tenant.put('profile', profile), true)
  profile.roles.push('admin')
  const first = await tenant.get<{ roles: string[] }>('profile')
  first?.roles.push('root')
  assert.deepEqual(await tenant.get('profile'), { name: 'é', roles: ['user'] })
})

test('values come back as Lua would hand them over', async (t) => {
  const { tenant } = await startCache(t)
  const cases: readonly (readonly [LuaValue | null, LuaValue | null])[] = [
    [1, 1],
    [2.5, 2.5],
    [-0, -0],
    [Number.NaN, Number.NaN],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
    [5n, 5],
    ['', ''],
    [Uint8Array.of(0xff, 0), Uint8Array.of(0xff, 0)],
    [false, false],
    [
      [1, 'a', true],
      [1, 'a', true],
    ],
    [[], {}],
    [new Map([[1.5, 'a']]), new Map([[1.5, 'a']])],
  ]
  for (const [given, expected] of cases) {
    await tenant.put('k', given)
    assert.deepStrictEqual(await tenant.get('k'), expected)
  }
})

test('C4: a stored nil is null; under nilIsMiss it is missing', async (t) => {
  const { tenant } = await startCache(t)
  await tenant.put('k', null)
  assert.equal(await tenant.get('k'), null)
  const missing = (await startCache(t, { nilIsMiss: true })).tenant
  await missing.put('k', null)
  assert.equal(await missing.get('k'), undefined)
  await missing.put('k', false)
  assert.equal(await missing.get('k'), false)
})

test('put(key, undefined) and values without a counterpart are refused; the old entry stays', async (t) => {
  const { tenant } = await startCache(t)
  await tenant.put('k', 'old')
  await rejection(tenant.put('k', undefined), 'MOONPOOL_INVALID_VALUE', /value is undefined: give null/)
  await rejection(tenant.put('k', { a: { b: new Date() } }), 'MOONPOOL_INVALID_VALUE', /value\.a\.b/)
  await rejection(
    tenant.put('k', () => 1),
    'MOONPOOL_INVALID_VALUE',
  )
  assert.equal(await tenant.get('k'), 'old')
})

test('keys are text or bytes, compared byte for byte', async (t) => {
  const { tenant } = await startCache(t)
  const keys = ['', 'a', 'é', 'e\u0301', 'a\0', '__proto__', Uint8Array.of(0xff), Uint8Array.of(0xff, 0)]
  for (const [index, key] of keys.entries()) await tenant.put(key, index)
  for (const [index, key] of keys.entries()) assert.equal(await tenant.get(key), index)
  assert.equal(await tenant.get(Buffer.from('é')), 2)
  assert.equal(await tenant.get(new TextEncoder().encode('a')), 1)

  for (const key of [1, null, undefined, true, {}, ['a'], new String('a'), Symbol('a')]) {
    const wrong = key as string
    await rejection(
      tenant.get(wrong),
      'MOONPOOL_INVALID_VALUE',
      /^cache\.get: the key must be a string or a Uint8Array, got/,
    )
    await rejection(tenant.put(wrong, 1), 'MOONPOOL_INVALID_VALUE', /^cache\.put: the key must be/)
  }
  await rejection(tenant.get(1 as unknown as string), 'MOONPOOL_INVALID_VALUE', /write String\(key\)/)
  await rejection(tenant.get('\ud800'), 'MOONPOOL_INVALID_VALUE', /lone surrogate/)
})

test('bytes from another realm are bytes', async (t) => {
  const { tenant } = await startCache(t)
  const foreign = runInNewContext('new Uint8Array([97, 98])') as Uint8Array
  await tenant.put(foreign, foreign)
  assert.equal(await tenant.get('ab'), 'ab')
})

test('the key is read at the call', async (t) => {
  const { tenant } = await startCache(t)
  const key = Buffer.from('before')
  const putting = tenant.put(key, 1)
  key.write('after.')
  await putting
  assert.equal(await tenant.get('before'), 1)
  assert.equal(await tenant.get(key), undefined)
})

test('C8, C9: what does not fit is not stored, with its reason, and the old entry stays', async (t) => {
  const { tenant } = await startCache(t, { maxKeyBytes: 4, maxValueBytes: 20, maxBytes: 1024 })
  await tenant.put('four', 'old')
  assert.equal(await tenant.get('five5'), undefined)
  const tooLong = await rejection(
    tenant.put('five5', 1),
    'MOONPOOL_NOT_STORED',
    /key too long \(it has 5 bytes/,
  )
  assert.equal(tooLong.reason, 'key too long')
  assert.equal(tooLong.name, 'NotStoredError')
  await rejection(tenant.put('ééé', 1), 'MOONPOOL_NOT_STORED', /key too long/)

  await tenant.put('four', 'x'.repeat(19))
  const tooLarge = await rejection(
    tenant.put('four', 'y'.repeat(20)),
    'MOONPOOL_NOT_STORED',
    /too large .*cache\.maxValueBytes, 20/,
  )
  assert.equal(tooLarge.reason, 'too large')
  assert.equal(await tenant.get('four'), 'x'.repeat(19))
})

test('C13: an entry larger than maxBytes is not stored', async (t) => {
  const { tenant } = await startCache(t, { maxBytes: 1024 })
  const error = await rejection(
    tenant.put('k', 'x'.repeat(2000)),
    'MOONPOOL_NOT_STORED',
    /too large .*cache\.maxBytes, 1024/,
  )
  assert.equal(error.reason, 'too large')
})

test('C10: prefixes are spaces of their own', async (t) => {
  const { cache } = await startCache(t)
  const pairs: readonly (readonly [string, string])[] = [
    ['a', 'b:c'],
    ['a:b', 'c'],
    ['a:', 'b:c'],
    ['A', 'b:c'],
    ['a\0', 'b:c'],
  ]
  await cache.put('b:c', 'none')
  await cache.put('a:b:c', 'none, full')
  for (const [prefix, key] of pairs) await cache.withPrefix(prefix).put(key, `${prefix}|${key}`)
  for (const [prefix, key] of pairs) assert.equal(await cache.withPrefix(prefix).get(key), `${prefix}|${key}`)
  assert.equal(await cache.get('b:c'), 'none')
  assert.equal(await cache.get('a:b:c'), 'none, full')
  assert.equal(cache.prefix, undefined)
  assert.equal(cache.withPrefix('a').prefix, 'a')
})

test('C10: withPrefix takes 1 to 512 bytes of text and nothing else', async (t) => {
  const { cache } = await startCache(t)
  cache.withPrefix('x'.repeat(512))
  for (const prefix of [undefined, null, '', 5, 'x'.repeat(513), '\ud800', ['a'], new String('a')]) {
    thrown(
      () => cache.withPrefix(prefix as string),
      'MOONPOOL_INVALID_OPTION',
      /^cache\.withPrefix: cachePrefix must be/,
    )
  }
})

test('requirePrefix refuses the cache without one', async (t) => {
  const { cache, tenant } = await startCache(t, { requirePrefix: true })
  await rejection(cache.get('k'), 'MOONPOOL_PREFIX_REQUIRED', /^cache\.get: /)
  await rejection(cache.put('k', 1), 'MOONPOOL_PREFIX_REQUIRED', /^cache\.put: /)
  await tenant.put('k', 1)
  assert.equal(await tenant.get('k'), 1)
})

test('C3, C7: an entry lives for its ttlMs and no longer', async (t) => {
  const { tenant, passMs } = await startCache(t)
  await tenant.put('k', 1, { ttlMs: 60_000 })
  passMs(59_000)
  assert.equal(await tenant.get('k'), 1)
  passMs(1001)
  assert.equal(await tenant.get('k'), undefined)
  await tenant.put('k', 2, { ttlMs: 60_000 })
  await tenant.put('k', 3)
  passMs(10 ** 9)
  assert.equal(await tenant.get('k'), 3)
})

test('C5, C6: 0 and less delete, Infinity and beyond 2^53 never expire, NaN is refused', async (t) => {
  const { tenant, passMs } = await startCache(t)
  for (const ttlMs of [0, -0, -1, -0.001, Number.NEGATIVE_INFINITY]) {
    await tenant.put('k', 'old')
    assert.equal(await tenant.put('k', 'new', { ttlMs }), true)
    assert.equal(await tenant.get('k'), undefined)
  }
  for (const ttlMs of [Number.POSITIVE_INFINITY, 2 ** 53, 1e308]) {
    await tenant.put(`k${ttlMs}`, 1, { ttlMs })
    passMs(10 ** 12)
    assert.equal(await tenant.get(`k${ttlMs}`), 1)
  }
  await tenant.put('k', 'old')
  for (const ttlMs of [Number.NaN, '5', null]) {
    const wrong = { ttlMs: ttlMs as number }
    await rejection(
      tenant.put('k', 1, wrong),
      'MOONPOOL_INVALID_OPTION',
      /^cache\.put: ttlMs must be a number of milliseconds/,
    )
  }
  assert.equal(await tenant.get('k'), 'old')
})

test('C20: defaultTtlMs where none is given, maxTtlMs in any case', async (t) => {
  const { tenant, passMs } = await startCache(t, { defaultTtlMs: 1000, maxTtlMs: 5000 })
  await tenant.put('default', 1)
  await tenant.put('longer', 1, { ttlMs: 3000 })
  await tenant.put('forever', 1, { ttlMs: Number.POSITIVE_INFINITY })
  passMs(1001)
  assert.equal(await tenant.get('default'), undefined)
  assert.equal(await tenant.get('longer'), 1)
  passMs(2000)
  assert.equal(await tenant.get('longer'), undefined)
  assert.equal(await tenant.get('forever'), 1)
  passMs(2000)
  assert.equal(await tenant.get('forever'), undefined)
})

test('calls take effect in call order, before they return', async (t) => {
  const { engine, tenant } = await startCache(t)
  const found: unknown[] = []
  const calls = [
    tenant.put('k', 1),
    tenant.get('k').then((value) => found.push(value)),
    tenant.put('k', 2),
    tenant.get('k').then((value) => found.push(value)),
    tenant.put('k', 3, { ttlMs: 0 }),
    tenant.get('k').then((value) => found.push(value)),
  ]
  assert.equal(engine.stats().cache.hits, 2)
  await Promise.all(calls)
  assert.deepEqual(found, [1, 2, undefined])
})

test('a getter of the value may call the cache itself', async (t) => {
  const { tenant } = await startCache(t)
  const inner: Promise<unknown>[] = []
  const value = {
    a: 1,
    get b() {
      inner.push(tenant.put('inner', 'x'.repeat(100)), tenant.get('inner'))
      return 2
    },
  }
  await tenant.put('outer', value)
  await Promise.all(inner)
  assert.deepEqual(await tenant.get('outer'), { a: 1, b: 2 })
  assert.equal(await tenant.get('inner'), 'x'.repeat(100))
})

test('a large value does not stay in the writer, and small ones after it are right', async (t) => {
  const { tenant } = await startCache(t)
  await tenant.put('large', 'x'.repeat(1_000_000))
  await tenant.put('small', 'y')
  assert.equal((await tenant.get<string>('large'))?.length, 1_000_000)
  assert.equal(await tenant.get('small'), 'y')
})

test('prefixes without entries are forgotten beyond a bound', async (t) => {
  const { cache, dispatcher } = await startCache(t)
  const { prefixes } = dispatcher.config
  for (let n = 0; n < 3 * MAX_IDLE_PREFIXES; n++) {
    await cache.withPrefix(`tenant_${n}`).get('k')
    assert(prefixes.size <= MAX_IDLE_PREFIXES + 1)
  }
  await rejection(cache.withPrefix('other').put('k', undefined), 'MOONPOOL_INVALID_VALUE')
  for (let n = 0; n <= MAX_IDLE_PREFIXES; n++) await cache.withPrefix(`more_${n}`).get('k')
  assert(prefixes.size <= MAX_IDLE_PREFIXES + 1)
})
