// T13: how a call of the host's cache names its tenant, and what it says of wrong options.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { EngineOptions } from '../src/index.js'
import { startFakedEngine } from './support/fake-dispatcher.js'
import { rejection } from './support/rejection.js'

async function startCache(t: TestContext, options: EngineOptions = {}) {
  const { engine } = await startFakedEngine(t, options)
  return { cache: engine.cache, tenant: engine.cache.withPrefix('tenant_123') }
}

test('T13: calls of the engine’s cache may name their tenant', async (t) => {
  const { cache, tenant } = await startCache(t)
  const options = { cachePrefix: 'tenant_123' }
  assert.equal(await cache.put('k', 1, options), true)
  assert.equal(await tenant.get('k'), 1)
  assert.equal(await cache.get('k', options), 1)
  assert.equal(await cache.get('k'), undefined)
  assert.equal(await cache.get('k', {}), undefined)
  await cache.put('k', 2)
  assert.deepEqual([await cache.get('k'), await cache.get('k', options)], [2, 1])
  await cache.put('k', 3, { ...options, ttlMs: 0 })
  assert.deepEqual([await cache.get('k'), await tenant.get('k')], [2, undefined])
})

test('T13: wrong options are refused, all at once, with the nearest name', async (t) => {
  const { cache, tenant } = await startCache(t)
  const refuse = (call: Promise<unknown>, message: RegExp) =>
    rejection(call, 'MOONPOOL_INVALID_OPTION', message)
  const loose = (options: unknown): never => options as never
  for (const cachePrefix of [undefined, null, '', 5, 'x'.repeat(513)]) {
    await refuse(cache.get('k', loose({ cachePrefix })), /^cache\.get: cachePrefix must be/)
    await refuse(cache.put('k', 1, loose({ cachePrefix })), /^cache\.put: cachePrefix must be/)
  }
  await refuse(cache.get('k', loose({ prefix: 'a' })), /unknown option prefix: did you mean cachePrefix\?/)
  await refuse(cache.put('k', 1, loose({ cache_prefix: 'a' })), /did you mean cachePrefix\?/)
  await refuse(
    cache.put('k', 1, loose({ cachePrefix: '', ttl: 5, ttlMs: Number.NaN })),
    /3 options are wrong/,
  )
  await refuse(cache.get('k', loose(null)), /the options must be a plain object, got null/)
  await refuse(cache.get('k', loose('tenant')), /the options must be a plain object/)
  await refuse(
    tenant.put('k', 1, loose({ cachePrefix: 'other' })),
    /unknown option cachePrefix: known here: ttlMs/,
  )
  const own = tenant as { get(key: string, options: unknown): Promise<unknown> }
  await refuse(own.get('k', { cachePrefix: 'other' }), /unknown option cachePrefix: this call has no options/)
  assert.equal(await own.get('k', {}), undefined)
})

test('T13: requirePrefix is content with the option', async (t) => {
  const { cache } = await startCache(t, { cache: { requirePrefix: true } })
  await rejection(cache.get('k'), 'MOONPOOL_PREFIX_REQUIRED', /^cache\.get: /)
  await rejection(cache.put('k', 1, { ttlMs: 5 }), 'MOONPOOL_PREFIX_REQUIRED', /^cache\.put: /)
  await cache.put('k', 1, { cachePrefix: 'a' })
  assert.equal(await cache.get('k', { cachePrefix: 'a' }), 1)
})
