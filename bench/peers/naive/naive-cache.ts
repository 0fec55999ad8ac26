// The naive peer's store: an lru-cache on the main thread, 50,000 entries, TTL by entry.

import { LRUCache } from 'lru-cache'

/** What a worker may ask for, over comlink. Keys come with their prefix. */
export interface NaiveCache {
  get(key: string): unknown
  put(key: string, value: unknown): boolean
  putTtl(key: string, value: unknown, ttlSeconds: number): boolean
}

export interface NaiveClock {
  now(): number
}

/** `clock` is for tests; the default is lru-cache's own. */
export function createNaiveCache(clock?: NaiveClock): NaiveCache {
  const entries = new LRUCache<string, object | string | number | boolean>({
    max: 50_000,
    ...(clock && { perf: clock, ttlResolution: 0 }),
  })
  const put = (key: string, value: unknown, ttl: number): boolean => {
    if (value === undefined || value === null) entries.delete(key)
    else entries.set(key, value, { ttl })
    return true
  }
  return {
    get: (key) => entries.get(key),
    put: (key, value) => put(key, value, 0),
    putTtl: (key, value, ttlSeconds) => {
      if (ttlSeconds <= 0) return entries.delete(key) || true
      return put(key, value, Math.ceil(ttlSeconds * 1_000))
    },
  }
}
