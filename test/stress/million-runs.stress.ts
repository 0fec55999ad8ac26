// A million runs, errors and writes among them: resident memory, function table and VM memory end where they were.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'

const RUNS = 1_000_000
const IN_FLIGHT = 64

test(`${RUNS} runs leave no trace`, async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const [slot] = parts.slots.all
  assert(slot !== undefined)
  const script = await engine.load(`
    function main(n)
      cache.put("k" .. n % 1000, { n, tostring(n) })
      if n % 100 == 0 then error("every hundredth") end
      return cache.get("k" .. n % 1000)[1]
    end`)
  let next = 0
  const runTo = async (end: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        while (next < end) {
          const n = next++
          const result = await script.run(n, { cachePrefix: `tenant${n % 50}` }).catch(() => n)
          assert.equal(result, n)
        }
      }),
    )
  }
  await runTo(RUNS / 4)
  const before = { report: await parts.slots.report(slot), residentBytes: process.memoryUsage.rss() }
  await runTo(RUNS)
  const residentBytes = process.memoryUsage.rss()
  t.diagnostic(
    `resident: ${before.residentBytes >> 20} MiB after a quarter, ${residentBytes >> 20} MiB at the end`,
  )
  assert.deepEqual(await parts.slots.report(slot), before.report)
  assert(residentBytes < before.residentBytes * 1.1)
  assertNothingLeft(parts)
})
