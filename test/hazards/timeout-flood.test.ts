// One tenant's runs time out again and again: the others' runs are right, and thread and VM stay.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MoonpoolError } from '../../src/index.js'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'

const TIMEOUTS = 200
const OTHERS = 5000

test(`${TIMEOUTS} timeouts of one tenant among ${OTHERS} runs of another`, async (t) => {
  const { engine, parts } = await startInspectedEngine(t, { limits: { graceMs: 60_000 } })
  const [slot] = parts.slots.all
  assert(slot !== undefined)
  const script = await engine.load(`
    function endless(n) cache.put("n", n) while true do pcall(error, "x") end end
    function count() local n = cache.get("n", 0) + 1 cache.put("n", n) return n end`)
  const before = { threadId: slot.worker?.threadId, ...(await parts.slots.report(slot)) }
  const codes = new Map<string, number>()
  const hostile = Array.from({ length: TIMEOUTS }, (_, n) =>
    script.call('endless', [n], { timeoutMs: 1, cachePrefix: 'hostile' }).catch((error: unknown) => {
      assert(error instanceof MoonpoolError)
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1)
    }),
  )
  for (let n = 1; n <= OTHERS; n++) {
    assert.deepEqual(await script.call('count', [], { cachePrefix: 'other' }), [n])
  }
  await Promise.all(hostile)
  assert.deepEqual([...codes], [['MOONPOOL_TIMEOUT', TIMEOUTS]])
  assert.deepEqual({ threadId: slot.worker?.threadId, ...(await parts.slots.report(slot)) }, before)
  assertNothingLeft(parts)
})
