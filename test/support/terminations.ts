// Ends threads at random moments under load, and looks whether anything but the run inside was lost.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Engine, MoonpoolError } from '../../src/index.js'
import {
  assertNothingLeft,
  createRandom,
  readyThreads,
  startInspectedEngine,
  untilReady,
} from './inspected-engine.js'

/** Waits for a reply, writes small and large values, prints, and delivers a large result. */
const SOURCE = `
function main(n)
  local key = "k" .. n % 50
  local value = { n = n, check = n * 7, text = ("x"):rep(n % 9 * 100) }
  cache.put(key, value)
  local found = cache.get(key)
  assert(found.check == found.n * 7, "torn value")
  cache.put("large" .. n % 5, { n = n, check = n * 7, text = (tostring(n % 10)):rep(100000) })
  if n % 3 == 0 then return ("r"):rep(200000) end
  return n
end`

export async function terminateAtRandom(t: TestContext, terminations: number): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  const random = createRandom(seed)
  const { engine, parts, config } = await startInspectedEngine(t, { threads: 2 })
  const script = await engine.load(SOURCE, { name: 'victim.lua' })
  let next = 0
  let lost = 0
  let kills = 0
  let isOver = false
  const worker = async (): Promise<void> => {
    while (kills < terminations) {
      const n = next++
      try {
        const result = await script.run(n, { cachePrefix: `tenant${n % 3}` })
        if (n % 3 === 0) assert.equal((result as string).length, 200_000)
        else assert.equal(result, n)
      } catch (error) {
        assert(error instanceof MoonpoolError, String(error))
        assert.equal(error.code, 'MOONPOOL_WORKER_LOST', error.message)
        lost++
      }
    }
  }
  const load = Promise.all(Array.from({ length: 8 }, worker)).finally(() => {
    isOver = true
  })
  while (kills < terminations && !isOver) {
    // A random number of runs later, at a random moment of one of them.
    const settled = next + Math.floor(random() * 20)
    while (next < settled && !isOver) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, random() * 3))
    const threads = readyThreads(parts)
    const thread = threads[Math.floor(random() * threads.length)]
    if (thread === undefined) continue
    await thread.terminate()
    kills++
  }
  await load
  t.diagnostic(`${next} runs, ${lost} lost`)
  assert(lost <= kills, `${lost} runs lost by ${kills} terminations`)
  assert(next - lost > kills, 'runs went on between the terminations')
  assertNothingLeft(parts)
  await untilReady(parts)
  await assertStoreWhole(engine)
  const { entries } = engine.stats().cache
  assert(entries <= 3 * 55, `${entries} entries`)
  assert(config.prefixes.size <= 4, `${config.prefixes.size} prefixes pinned`)
  assert.equal(parts.images.size, 2, 'the script and the chunk below')
}

/** Every entry is complete, seen from a script. */
async function assertStoreWhole(engine: Engine): Promise<void> {
  const source = `
    local bad = 0
    for _, name in ipairs({ "k", "large" }) do
      for i = 0, 49 do
        local v = cache.get(name .. i)
        if v and (v.check ~= v.n * 7 or (name == "large" and v.text ~= (tostring(v.n % 10)):rep(100000))) then bad = bad + 1 end
      end
    end
    return bad`
  for (let i = 0; i < 3; i++) {
    assert.equal(await engine.eval(source, [], { cachePrefix: `tenant${i}` }), 0)
  }
}
