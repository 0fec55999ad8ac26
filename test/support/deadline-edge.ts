// Runs that take what their timeout allows, give or take a millisecond, among others that are not in a hurry.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { MoonpoolError } from '../../src/index.js'
import { assertNothingLeft, createRandom, startInspectedEngine } from './inspected-engine.js'

/** Ways to spend the time; the last puts are on their way when the deadline passes. */
const SOURCE = `
local function spend(untilSeconds) while os.clock() < untilSeconds do end end
local ways = {
  spend,
  function(t) coroutine.wrap(spend)(t) end,
  function(t) while os.clock() < t do pcall(error, "x") end end,
  function(t) while os.clock() < t do coroutine.wrap(function() coroutine.yield() end)() end end,
  function(t) while os.clock() < t do cache.put("flood", ("x"):rep(100)) end end,
  function(t) local deep = function(f, n) if n > 0 then return 1 + f(f, n - 1) end return 0 end
    while os.clock() < t do deep(deep, 1000) end end,
}
function main(run)
  assert(left == nil and string.format("%d", 1) == "1" and ("x"):rep(3) == "xxx", "left by another run")
  left, string.format = true, nil
  cache.put("begun", run.n)
  if run.ms then ways[run.way](os.clock() + run.ms / 1000) end
  cache.put("ended", run.n)
  return run.n
end`

export async function endAtDeadlines(t: TestContext, runs: number): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  const random = createRandom(seed)
  const { engine, parts } = await startInspectedEngine(t, { limits: { graceMs: 60_000 } })
  const [slot] = parts.slots.all
  assert(slot !== undefined)
  const script = await engine.load(SOURCE, { name: 'edge.lua' })
  const before = { threadId: slot.worker?.threadId, ...(await parts.slots.report(slot)) }
  const cache = engine.cache.withPrefix('tenant')
  let stopped = 0
  const hurried = async (n: number): Promise<void> => {
    const timeoutMs = 1 + Math.floor(random() * 3)
    const run = { n, ms: timeoutMs - 1 + 2 * random(), way: 1 + Math.floor(random() * 6) }
    const previous = await cache.get('ended')
    try {
      assert.equal(await script.run(run, { timeoutMs, cachePrefix: 'tenant' }), n)
      assert.equal(await cache.get('ended'), n)
    } catch (error) {
      assert(error instanceof MoonpoolError && error.code === 'MOONPOOL_TIMEOUT', String(error))
      stopped++
      // It may have been stopped after its last put, as long as the result did not get out.
      assert([previous, n].includes((await cache.get('ended')) as number))
    }
  }
  for (let n = 0; n < runs; n++) {
    await hurried(n)
    if (n % 3 === 0)
      assert.equal(await script.run({ n: -n }, { timeoutMs: 60_000, cachePrefix: 'other' }), -n)
  }
  t.diagnostic(`${stopped} of ${runs} were stopped`)
  assert(stopped > runs / 10 && stopped < (runs * 9) / 10, `${stopped} of ${runs} were stopped`)
  assert.deepEqual({ threadId: slot.worker?.threadId, ...(await parts.slots.report(slot)) }, before)
  assertNothingLeft(parts)
}
