// lru-cache as anyone would make it for this work: a bound on entries, and a TTL where one is asked for.

import { LRUCache } from 'lru-cache'

export function openPlainCache(maxEntries: number, ttlMs?: number): LRUCache<string, string> {
  return new LRUCache(ttlMs === undefined ? { max: maxEntries } : { max: maxEntries, ttl: ttlMs })
}
