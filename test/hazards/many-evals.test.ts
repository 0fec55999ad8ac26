// More different sources at once than there is room for their images: each waits for its turn, and none fails.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'

const EVALS = 2000

test(`${EVALS} evals of different sources at once find room, in a small arena, beside other tenants' runs`, async (t) => {
  const { engine, parts } = await startInspectedEngine(t, {
    limits: { imageBytes: 2 ** 20, evalScripts: 4, timeoutMs: 60_000 },
  })
  const script = await engine.load('function main(n) return n end')
  const evals = Array.from({ length: EVALS }, (_, n) =>
    engine.eval<number>(`return ${n}`, [], { cachePrefix: `flood${n % 3}` }),
  )
  const runs = Array.from({ length: 100 }, (_, n) => script.run(n, { cachePrefix: 'other' }))
  assert.deepEqual(
    await Promise.all(evals),
    evals.map((_, n) => n),
  )
  assert.deepEqual(
    await Promise.all(runs),
    runs.map((_, n) => n),
  )
  assertNothingLeft(parts)
  assert.equal(parts.images.size, 5, 'the script, and as many chunks as are kept')
})
