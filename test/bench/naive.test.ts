// The naive peer does the work that it is timed for. Its clock is moved, not waited for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLimiter } from '../../bench/limiter.js'
import { createNaiveCache } from '../../bench/peers/naive/naive-cache.js'
import { openNaive } from '../../bench/peers/naive/naive-pool.js'
import { loadWork } from '../../bench/works.js'

test('the naive peer passes the check of the rate limiter', async (t) => {
  let nowMs = 1
  const naive = await openNaive(loadWork('limiter').lua, { cache: createNaiveCache({ now: () => nowMs }) })
  t.after(() => naive.close())
  await checkLimiter(naive, async (ms) => {
    nowMs += ms + 1
  })
})

test('the naive peer keeps values, defaults and prefixes, and outlives wasmoon 60-call limit', async (t) => {
  const naive = await openNaive(`
    function put(key, value) return cache.put(key, value) end
    function get(key) return cache.get(key, 'absent') end
    function main(args) return args.n * 2 end
    function raise() error('on purpose') end`)
  t.after(() => naive.close())
  assert.deepEqual(await naive.call('put', ['k', { a: [1, 2], b: 'x' }], 'a'), [true])
  assert.deepEqual(await naive.call('get', ['k'], 'a'), [{ a: [1, 2], b: 'x' }])
  assert.deepEqual(await naive.call('get', ['k'], 'b'), ['absent'])
  await assert.rejects(naive.call('raise', [], 'a'), /on purpose/)
  for (let n = 0; n < 200; n++) assert.equal(await naive.run({ n }, 'a'), n * 2)
})
