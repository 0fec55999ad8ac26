// The host overwrites keys as fast as it can, so that each block of the view soon belongs to another key. Scripts on more
// threads than there are cores read them meanwhile: often a thread is halted in the middle of a read, and what it was
// about to copy is somebody else's when it goes on.

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { startEngine } from '../support/engine.js'

const KEYS = 16
const READS = 3_000_000
const PREFIX = 'tenant'

/** Of one size each, and short: hardly more is done than to read. */
const valueFor = (key: number): string => `value of key ${key}`.padEnd(38, '.')

const READ = `
function read(times, keys, values)
  local get, wrong = cache.get, 0
  for i = 1, times do
    local n = i % #keys + 1
    if get(keys[n]) ~= values[n] then wrong = wrong + 1 end
  end
  return wrong
end`

test('a read that is halted anywhere finds the value of its key, or looks again', async (t) => {
  const threads = Math.min(8, 2 * availableParallelism())
  const engine = await startEngine(t, { threads })
  const tenant = engine.cache.withPrefix(PREFIX)
  const keys = Array.from({ length: KEYS }, (_, n) => `key ${n}`)
  const values = keys.map((_, n) => valueFor(n))
  const put = (n: number): Promise<unknown> => tenant.put(keys[n % KEYS] as string, values[n % KEYS])
  for (let n = 0; n < KEYS; n++) await put(n)
  const script = await engine.load(READ)
  let left = threads
  const runs = Array.from({ length: threads }, async () => {
    const [wrong] = await script.call('read', [READS, keys, values], { cachePrefix: PREFIX })
    left--
    return wrong
  })
  for (let n = 0; left > 0; n++) {
    void put(n * 7)
    if (n % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  assert.deepEqual(
    await Promise.all(runs),
    runs.map(() => 0),
  )
})
