// A script that writes and reads the same keys by every road, on the clock of real engines: what it reads is what it wrote,
// at once and in the next run, and every read is counted once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEngine } from '../../src/index.js'

/** Sizes around whole words, what the native finder takes (128 bytes), and what goes in chunks. */
const SOURCE = `
  local KEYS, SIZES = 45, { 0, 1, 6, 7, 8, 9, 60, 118, 119, 120, 121, 125, 126, 127, 128, 129, 300, 5000 }
  local reads = 0
  local function key(n) return ('k'):rep(n - 1) .. string.char(n % 3 + 65) end
  local function new(serial)
    local kind = math.random(40)
    if kind == 1 then return (serial .. '|'):rep(40000) end
    if kind <= 5 then return serial end
    if kind <= 8 then return { serial } end
    return serial .. ('.'):rep(SIZES[math.random(#SIZES)] - #tostring(serial))
  end
  local function same(a, b)
    if type(a) == 'table' and type(b) == 'table' then return a[1] == b[1] and next(a, 1) == nil end
    return math.type(a) == math.type(b) and a == b
  end
  local function check(model, n, step)
    reads = reads + 1
    local value = cache.get(key(n))
    if not same(value, model[n]) then
      error(('step %s, key %d: %.20s instead of %.20s'):format(step, n, tostring(value), tostring(model[n])))
    end
  end
  function main(given)
    local model = {}
    for _, pair in ipairs(given.model) do model[pair[1]] = pair[2] end
    for n = 1, KEYS do check(model, n, 'begin') end
    for step = 1, 60 do
      local n, what, value = math.random(KEYS), math.random(10), new(given.round * 100 + step)
      if what <= 3 then
        assert(cache.put(key(n), value))
        model[n] = value
      elseif what == 4 then
        -- Before or after the run's deadline.
        assert(cache.put_ttl(key(n), value, math.random(2) == 1 and 30 or 3600))
        model[n] = value
      elseif what == 5 then
        assert(cache.put_ttl(key(n), value, 0))
        model[n] = nil
      else
        for _ = 1, math.random(30) do check(model, math.random(KEYS), step) end
      end
    end
    local list = {}
    for n, value in pairs(model) do list[#list + 1] = { n, value } end
    return { reads = reads, model = list }
  end`

test('C14 C12 own writes are read back at once and by later runs, whatever their size; counts are exact', async (t) => {
  const engine = await createEngine({ threads: 2, limits: { timeoutMs: 60_000 } })
  t.after(() => engine.close())
  const script = await engine.load(SOURCE, { name: 'own.lua' })
  let reads = 0
  const live = async (cachePrefix: string): Promise<void> => {
    let model: unknown = []
    for (let round = 1; round <= 40; round++) {
      const result = await script.run<{ reads: number; model: unknown }>({ round, model }, { cachePrefix })
      reads += result.reads
      model = result.model
      // Main is not there for a moment: writes wait in the outboxes.
      const endMs = performance.now() + (round % 8 === 0 ? 2 : 0)
      while (performance.now() < endMs);
    }
  }
  await Promise.all(['a', 'b', 'c', 'd'].map(live))
  const { hits, misses, evictions } = engine.stats().cache
  assert.deepEqual([hits + misses, evictions], [reads, 0])
})

test('C7 an entry that expires within the run goes, one that outlives it stays: on the real clock', async (t) => {
  const engine = await createEngine({ threads: 1, limits: { timeoutMs: 20_000 } })
  t.after(() => engine.close())
  const source = `
    local begin = os.clock()
    cache.put_ttl('short', 'here', 0.05)
    cache.put_ttl('long', 'here', 3600)
    local written = os.clock()
    local wasHere = cache.get('short') == 'here' or os.clock() - begin >= 0.05
    -- At most a millisecond later, and long before anybody sweeps.
    repeat until os.clock() - written > 0.052
    return { wasHere, cache.get('short', 'gone'), cache.get('long') }`
  assert.deepEqual(await engine.eval(source), [true, 'gone', 'here'])
})
