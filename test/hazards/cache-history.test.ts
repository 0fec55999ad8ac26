// What scripts on several workers see of each other's writes, as histories that are checked afterwards: per key one order
// for all, no lost update, no stale read after a delivered result.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Script } from '../../src/index.js'
import { startInspectedEngine } from '../support/inspected-engine.js'

const PREFIX = { cachePrefix: 'history', timeoutMs: 60_000 }

const SOURCE = `
-- Reads a key again and again and returns what it saw, each change once.
function watch(key, reads)
  local seen = { cache.get(key, 0) }
  for i = 1, reads do
    local value = cache.get(key, 0)
    if value ~= seen[#seen] then seen[#seen + 1] = value end
  end
  return seen
end
-- Writes from, from + 1, … and reads each back at once.
function count(key, from, writes)
  for n = from, from + writes - 1 do
    if n % 3 == 0 then cache.put_ttl(key, n, 3600) else cache.put(key, n) end
    local found = cache.get(key)
    if found ~= n then return "wrote " .. n .. ", read " .. tostring(found) end
  end
  return "ok"
end
-- Writes values that nobody else writes, and watches between.
function contend(key, name, writes, reads)
  local seen = { cache.get(key, 0) }
  local function look()
    local value = cache.get(key, 0)
    if value ~= seen[#seen] then seen[#seen + 1] = value end
  end
  for n = 1, writes do
    cache.put(key, name .. n)
    for i = 1, reads do look() end
  end
  return seen
end`

async function start(t: Parameters<typeof startInspectedEngine>[0]): Promise<Script> {
  const { engine } = await startInspectedEngine(t, { threads: 3 })
  return engine.load(SOURCE, { name: 'history.lua' })
}

describe('cache-history', () => {
  test('one writer per key: readers never go back, and never behind a delivered result', async (t) => {
    const script = await start(t)
    let reads = 0
    const observe = async (key: string): Promise<void> => {
      const state = { delivered: 0, started: 0, isOver: false }
      const write = async (): Promise<void> => {
        for (let round = 0; round < 60; round++) {
          const from = state.started + 1
          state.started += 10
          assert.deepEqual(await script.call('count', [key, from, 10], PREFIX), ['ok'])
          state.delivered = state.started
        }
        state.isOver = true
      }
      const read = async (): Promise<void> => {
        while (!state.isOver) {
          const before = state.delivered
          const [seen] = (await script.call('watch', [key, 200], PREFIX)) as [number[]]
          const sorted = [...seen].sort((a, b) => a - b)
          assert.deepEqual(seen, sorted, `${key}: a reader went back`)
          assert((seen[0] as number) >= before, `${key}: read ${seen[0]} after ${before} had been delivered`)
          assert((seen.at(-1) as number) <= state.started)
          reads += 200
        }
      }
      await Promise.all([write(), read(), read()])
      assert.deepEqual(await script.call('watch', [key, 1], PREFIX), [[state.started]], 'lost update')
    }
    await Promise.all(['a', 'b', 'c', 'd'].map(observe))
    t.diagnostic(`${reads} reads`)
  })

  test('many writers on one key: what all of them saw fits one order', async (t) => {
    const script = await start(t)
    const names = ['p', 'q', 'r', 's', 't', 'u']
    // Somebody saw another's write between two of its own. A machine that is busy elsewhere may need more rounds for it.
    let haveMet = false
    for (let round = 0; round < 10 || (!haveMet && round < 200); round++) {
      const key = `contended${round}`
      const seen = await Promise.all([
        ...names.map((name) => script.call('contend', [key, `${name}${round}.`, 20, 20], PREFIX)),
        script.call('watch', [key, 2000], PREFIX),
      ])
      const sequences = seen.map(([sequence]) => sequence as unknown[])
      haveMet ||= sequences.some((history) => history.length > 21)
      assertOneOrder(sequences)
    }
    assert(haveMet, 'the writers ran at the same time')
  })
})

/** Every value was written once: seen sequences fit one order exactly when "was seen before" has no circle. */
function assertOneOrder(sequences: readonly (readonly unknown[])[]): void {
  const followers = new Map<unknown, Set<unknown>>()
  for (const sequence of sequences) {
    sequence.forEach((value, index) => {
      const next = sequence[index + 1]
      const known = followers.get(value) ?? new Set()
      if (next !== undefined) known.add(next)
      followers.set(value, known)
    })
  }
  const state = new Map<unknown, 'open' | 'done'>()
  const visit = (value: unknown): void => {
    if (state.get(value) === 'done') return
    assert.notEqual(state.get(value), 'open', `${String(value)} was seen both before and after another value`)
    state.set(value, 'open')
    for (const next of followers.get(value) ?? []) visit(next)
    state.set(value, 'done')
  }
  for (const value of followers.keys()) visit(value)
}
