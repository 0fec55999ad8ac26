// One tenant writes far more than the cache holds. Entries of others may leave for it, as docs/security.md says; what is
// found is always right, the limits hold at every moment, and the flood itself is no larger than they allow.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEngine } from '../support/engine.js'

test('a flood of entries: others find their own value or a miss, and the limits hold', async (t) => {
  const engine = await startEngine(t, { threads: 2, cache: { maxEntries: 1000, maxBytes: 2 ** 20 } })
  let isOver = false
  const flood = engine
    .eval('for n = 1, 100000 do cache.put("k" .. n, ("x"):rep(n % 2000)) end return true', [], {
      cachePrefix: 'flood',
    })
    .finally(() => {
      isOver = true
    })
  const script = await engine.load(`
    function main(own)
      local found = 0
      for n = 1, 20 do
        local value = cache.get("k" .. n)
        if value ~= nil and value ~= own .. n then return "wrong: " .. tostring(value) end
        if value ~= nil then found = found + 1 end
        cache.put("k" .. n, own .. n)
        -- While this thread was not scheduled, the flood may have pushed it out again.
        local again = cache.get("k" .. n)
        if again ~= nil and again ~= own .. n then return "own write: " .. tostring(again) end
      end
      return found
    end`)
  let runs = 0
  do {
    const tenant = `tenant${runs++ % 5}`
    const found = await script.run(`${tenant}:`, { cachePrefix: tenant })
    assert.equal(typeof found, 'number', String(found))
    const { entries, bytes } = engine.stats().cache
    assert.ok(entries <= 1000 && bytes <= 2 ** 20, `${entries} entries, ${bytes} bytes`)
  } while (!isOver)
  assert.equal(await flood, true)
  assert.ok(engine.stats().cache.evictions > 90_000)
  const kept = await engine.eval(
    'local n = 0 for k = 1, 100000 do if cache.get("k" .. k) then n = n + 1 end end return n',
    [],
    {
      cachePrefix: 'flood',
    },
  )
  assert.ok((kept as number) <= 1000)
})
