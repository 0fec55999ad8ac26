// Many runs leave a worker as it was: function table, VM memory, handles. (A million of them: the stress tests.)

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WorkerReport } from '../../src/shared/boot.js'
import { type InspectedEngine, startInspectedEngine } from '../support/inspected-engine.js'

const RUNS = 20_000

async function report({ parts }: InspectedEngine): Promise<WorkerReport> {
  const [slot] = parts.slots.all
  assert(slot !== undefined)
  const answer = await parts.slots.report(slot)
  assert(answer !== undefined)
  return answer
}

describe('long-use', () => {
  test(`${RUNS} runs: the function table and the VM's memory are as before`, async (t) => {
    const inspected = await startInspectedEngine(t, { maxQueue: RUNS })
    const script = await inspected.engine.load(`
      function main(n)
        cache.put("k" .. n % 10, { n })
        local t = {}
        for i = 1, 100 do t[i] = tostring(i) end
        if n % 7 == 0 then error({ n }) end
        return cache.get("k" .. n % 10)[1]
      end`)
    const before = await report(inspected)
    const results = await Promise.allSettled(Array.from({ length: RUNS }, (_, n) => script.run(n)))
    const failed = results.filter(({ status }) => status === 'rejected')
    assert.equal(failed.length, Math.ceil(RUNS / 7))
    assert.deepEqual(await report(inspected), before)
  })

  test('a worker answers its control port between runs, also under full load', async (t) => {
    const inspected = await startInspectedEngine(t)
    const script = await inspected.engine.load('function main(n) return n end')
    let isOver = false
    const load = Array.from({ length: 64 }, async () => {
      let runs = 0
      while (!isOver) assert.equal(await script.run(runs), runs++)
    })
    for (let i = 0; i < 5; i++) assert((await report(inspected)).vmBytes > 0)
    isOver = true
    await Promise.all(load)
  })
})
