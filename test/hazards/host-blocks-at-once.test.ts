// The host blocks right after it started runs, before anything of the engine had a turn: they lose no time of their own, and
// nothing else.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

function block(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

const SCRIPT = `
function main(n) cache.put("last", n) return n end
function endless() while true do end end`

/** What the worker does when the run comes. */
const WORKERS: Readonly<Record<string, () => Promise<void>>> = {
  'is awake': async () => {},
  'waits for a run': () => new Promise((resolve) => setTimeout(resolve, 20)),
  'has given its task back': () => new Promise((resolve) => setTimeout(resolve, 250)),
}

for (const [state, pass] of Object.entries(WORKERS)) {
  test(`T6: the worker ${state}: a run is not timed out by its host's own absence`, async (t) => {
    const { engine, parts } = await startInspectedEngine(t)
    const script = await engine.load(SCRIPT)
    for (let n = 1; n <= 3; n++) {
      await script.run(0)
      await pass()
      const run = script.run(n, { timeoutMs: 60 })
      block(200)
      assert.equal(await run, n)
      assert.equal(await engine.cache.get('last'), n, 'its writes came before its result')
    }
    assertNothingLeft(parts)
  })

  test(`T6: the worker ${state}: an endless run and those behind it`, async (t) => {
    const { engine, parts } = await startInspectedEngine(t, { limits: { graceMs: 60_000 } })
    const script = await engine.load(SCRIPT)
    await script.run(0)
    await pass()
    const endless = rejection(script.call('endless', [], { timeoutMs: 50 }), 'MOONPOOL_TIMEOUT')
    const behind = Array.from({ length: 40 }, (_, n) => script.run(n))
    block(200)
    assert.equal((await endless).line, 3)
    assert.deepEqual(
      await Promise.all(behind),
      behind.map((_, n) => n),
    )
    assertNothingLeft(parts)
  })
}

test('T7: started, aborted and blocked in one go: it never starts', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const script = await engine.load(SCRIPT)
  await script.run(0)
  const controller = new AbortController()
  const run = rejection(script.run(1, { signal: controller.signal }), 'MOONPOOL_ABORTED')
  controller.abort()
  block(100)
  await run
  assert.equal(await script.run(2), 2)
  assertNothingLeft(parts)
})
