// A tenant whose waiting runs hold as many images as there is room for: others' sources find room all the same.
//
// Nothing here depends on how fast the machine is: the tenant's first run holds its thread until the test opens its gate.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'

const IMAGE_BYTES = 2 ** 20
const PREFIX = 'flood'

/** Its image takes more than an eighth of the room. */
const largeSource = (n: number): string => `${'x = 1 do local y = x end\n'.repeat(1000)} return ${n}`
const GATED = 'cache.put("is running", true) while not cache.get("gate") do end return "through"'

test('a line of evals of large sources takes no room from other tenants', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, {
    threads: 2,
    tenants: { maxConcurrent: 1 },
    limits: { imageBytes: IMAGE_BYTES, timeoutMs: 60_000 },
  })
  const flood = (source: string): Promise<unknown> => engine.eval(source, [], { cachePrefix: PREFIX })
  const tenant = engine.cache.withPrefix(PREFIX)
  let [sources, heldBytes] = [0, -1]
  // As many as there is room for, and nobody uses them.
  while (parts.images.usage().heldBytes > heldBytes) {
    heldBytes = parts.images.usage().heldBytes
    assert.equal(await flood(largeSource(sources)), sources)
    sources++
  }
  const gated = flood(GATED)
  while ((await tenant.get('is running')) === undefined) await new Promise((resolve) => setImmediate(resolve))
  const waiting = Array.from({ length: 4 * sources }, (_, n) => flood(largeSource(n % sources)))
  for (let n = 0; n < 20; n++) {
    const source = largeSource(1000 + n)
    assert.equal(await engine.eval(source, [], { cachePrefix: `other${n % 3}` }), 1000 + n)
  }
  await tenant.put('gate', true)
  assert.equal(await gated, 'through')
  assert.deepEqual(
    await Promise.all(waiting),
    waiting.map((_, n) => n % sources),
  )
  assertNothingLeft(parts)
})
