// Memory stays flat: overwrites move, they never append; prefixes leave nothing behind.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { bytes, createStore, FOREVER } from './fixture.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heldBytes(): number {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test('room for 500,000 entries that holds ten is small', () => {
  collect()
  const before = process.memoryUsage().rss
  const { store, prefixes } = createStore({ maxEntries: 500_000, maxBytes: 512 * 2 ** 20 })
  const prefix = prefixes.open('t')
  for (let n = 0; n < 10; n++) store.put(prefix, bytes(`${n}`), bytes('v'), 1e6)
  const grown = process.memoryUsage().rss - before
  // All is reserved, next to nothing resident.
  assert.ok(grown < 16 * 2 ** 20, `${grown} bytes resident`)
  assert.equal(store.statistics().entries, 10)
})

test('a million overwrites of one key, each with another expiry', () => {
  const { store, prefixes, clock } = createStore()
  const prefix = prefixes.open('t')
  const key = bytes('counter')
  const values = [new Uint8Array(100), new Uint8Array(101)] as const
  const overwrite = (times: number): void => {
    for (let n = 0; n < times; n++) {
      clock.now += 0.01
      store.put(prefix, key, values[(n & 1) as 0 | 1], clock.now + 1 + ((n * 7919) % 100_000))
    }
  }
  overwrite(20_000)
  const before = heldBytes()
  overwrite(1_000_000)
  const grown = heldBytes() - before
  assert.ok(grown < 2 ** 20, `${grown} bytes more after a million overwrites`)
  const { entries, evictions } = store.statistics()
  assert.deepEqual([entries, evictions], [1, 0])
})

test('100,000 prefixes that come and go', () => {
  const { store, prefixes } = createStore({ maxEntries: 10 })
  const visit = (from: number, to: number): void => {
    for (let n = from; n < to; n++) {
      const prefix = prefixes.open(`tenant_${n}`)
      store.put(prefix, bytes('k'), bytes('v'), FOREVER)
      prefixes.unpin(prefix)
    }
  }
  visit(0, 10_000)
  const before = heldBytes()
  visit(10_000, 110_000)
  const grown = heldBytes() - before
  assert.ok(grown < 2 ** 20, `${grown} bytes more after 100,000 prefixes`)
  assert.equal(prefixes.size, 10)
})
