// How fast is a hot read of plain JS (lru-cache, 50,000 entries, same thread)?
//
// The yardstick of this bench: nothing of moonpool takes part.

import assert from 'node:assert/strict'
import type { BenchCase, Question } from '../case.js'
import { measureLoop } from '../measure.js'
import { openPlainCache } from '../peers/plain-js/plain-cache.js'
import { YARDSTICK_CASE } from '../yardstick.js'

const ENTRIES = 50_000
const PREFIX = 'tenant_123'

interface Reading {
  /** The first so many of the 50,000 keys, read in turn. */
  readonly keys: number
  /** Joined to the tenant's prefix at each read, as a server must that is asked for a key by a tenant. */
  readonly joined: boolean
  readonly ttlMs?: number
}

function readCase(name: string, { keys, joined, ttlMs }: Reading): BenchCase {
  return {
    name,
    contender: 'plain JS',
    open: async () => {
      const cache = openPlainCache(ENTRIES, ttlMs)
      const all = Array.from({ length: ENTRIES }, (_, n) => (joined ? `user:${n}` : `${PREFIX}:user:${n}`))
      const storeKey = (key: string): string => (joined ? `${PREFIX}:${key}` : key)
      for (const key of all) cache.set(storeKey(key), `value of ${key}`)
      const hot = all.slice(0, keys)
      let length = 0
      const readAll = (): void => {
        for (const key of hot) length += cache.get(joined ? `${PREFIX}:${key}` : key)?.length ?? 0
      }
      return {
        check: async () => {
          for (const key of all) assert.equal(cache.get(storeKey(key)), `value of ${key}`)
          assert.equal(cache.get('missing'), undefined)
        },
        measure: async (forMs) => {
          const measured = measureLoop(readAll, hot.length, forMs)
          assert.ok(length > 0)
          return measured
        },
        cleanup: async () => cache.clear(),
      }
    },
  }
}

export const question: Question = {
  text: 'How fast is a hot read of plain JS (lru-cache, 50,000 entries, same thread)?',
  cases: [
    readCase(YARDSTICK_CASE, { keys: 1_000, joined: true }),
    readCase('1,000 hot keys, with a TTL', { keys: 1_000, joined: true, ttlMs: 3_600_000 }),
    readCase('all 50,000 keys', { keys: ENTRIES, joined: true }),
    readCase('1,000 hot keys, no prefix', { keys: 1_000, joined: false }),
  ],
  plots: [{ kind: 'bars', figure: 'perSecond' }],
  comparisons: [
    { subject: 'all 50,000 keys', peer: YARDSTICK_CASE, figure: 'eachUs' },
    { subject: '1,000 hot keys, with a TTL', peer: YARDSTICK_CASE, figure: 'eachUs' },
  ],
}
