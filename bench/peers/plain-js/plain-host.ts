// Plain JS as a script host: the works as functions of the same thread, over an lru-cache. No Lua, no threads, no
// isolation: the ceiling. Tables are copied in and out, as a cache that many callers share must do.

import { LRUCache } from 'lru-cache'
import type { ScriptHost } from '../../script-host.js'
import type { Work, WorkName } from '../../works.js'

export interface PlainCache {
  get(key: string): unknown
  put(key: string, value: unknown): void
  putTtl(key: string, value: unknown, ttlSeconds: number): void
}

type PlainFunctions = Readonly<Record<string, (...args: never[]) => unknown>>

export type PlainWork = (cache: PlainCache) => PlainFunctions

const MAX_ENTRIES = 50_000

const copied = (value: unknown): unknown => (typeof value === 'object' ? structuredClone(value) : value)

/** The prefix of the call that is running: calls are synchronous. */
export function createPlainCache(prefix: () => string): PlainCache {
  const entries = new LRUCache<string, NonNullable<unknown>>({ max: MAX_ENTRIES })
  return {
    get: (key) => copied(entries.get(`${prefix()}:${key}`)),
    put: (key, value) => {
      entries.set(`${prefix()}:${key}`, copied(value) as NonNullable<unknown>)
    },
    putTtl: (key, value, ttlSeconds) => {
      entries.set(`${prefix()}:${key}`, copied(value) as NonNullable<unknown>, {
        ttl: Math.ceil(ttlSeconds * 1_000),
      })
    },
  }
}

async function loadPlainWork(name: WorkName): Promise<PlainWork> {
  switch (name) {
    case 'cache':
      return (await import('./cache-work.js')).cacheWork
    case 'limiter':
      return (await import('./limiter-work.js')).limiterWork
    case 'session':
      return (await import('./session-work.js')).sessionWork
    case 'compute':
      return (await import('./compute-work.js')).computeWork
    case 'growth':
      return (await import('./growth-work.js')).growthWork
    default:
      throw new Error(`plain JS has no words for '${name}'`)
  }
}

export async function openPlainJs(work: Work): Promise<ScriptHost> {
  let prefix = ''
  const functions = (await loadPlainWork(work.name))(createPlainCache(() => prefix))
  const call = async (name: string, args: readonly unknown[], cachePrefix: string): Promise<unknown[]> => {
    prefix = cachePrefix
    return [functions[name]?.(...(args as never[]))]
  }
  return {
    run: async (args, cachePrefix) => (await call('main', [args], cachePrefix))[0],
    call,
    close: async () => {},
  }
}
