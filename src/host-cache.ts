// The cache, called from the host. The store is asked before each method returns, so calls take effect in call order.

import { types } from 'node:util'
import { CACHE_PREFIX_RULE, isCachePrefix } from './bounded-text.js'
import type { Clock } from './clock.js'
import type { CachePolicy } from './dispatch/contract.js'
import { createError, MoonpoolError } from './errors.js'
import { shown } from './option-problems.js'
import type { PutOptions } from './options.js'
import { readTtlMs } from './put-options.js'
import type { AssertOpen } from './run-launcher.js'
import { prefixRequired } from './run-options.js'
import { expiresAtMs } from './shared/ttl.js'
import { isWellFormed } from './shared/utf8.js'
import { decodeValue, encodeValue, type LuaValue } from './shared/values.js'
import type { SpareWriter } from './spare-writer.js'
import type { Prefix, Prefixes } from './store/prefixes.js'
import type { Store } from './store/store.js'
import type { EngineCache, HostCache, LuaArgument } from './types.js'

/** What all host caches of an engine share. */
export interface HostCacheParts {
  readonly store: Store
  readonly prefixes: Prefixes
  readonly clock: Clock
  readonly policy: CachePolicy & { readonly requirePrefix: boolean }
  readonly writer: SpareWriter
  readonly assertOpen: AssertOpen
}

const SHOWN_KEY_CHARACTERS = 60

export class PrefixCache implements HostCache {
  readonly prefix: string | undefined
  protected readonly parts: HostCacheParts

  constructor(parts: HostCacheParts, prefix: string | undefined) {
    this.parts = parts
    this.prefix = prefix
  }

  // Up to the end each method runs without waiting; `async` only turns what it throws into a rejection.

  async get<T = LuaValue>(key: string | Uint8Array): Promise<T | null | undefined> {
    this.#assertUsable('cache.get')
    const { store, policy } = this.parts
    const keyBytes = bytesOfKey(key, 'cache.get')
    if (keyBytes.length > policy.maxKeyBytes) return undefined
    const bytes = this.#withPrefix((prefix) => store.get(prefix, keyBytes))
    if (bytes === undefined) return undefined
    const value = decodeValue(bytes, { offset: 0 })
    if (value === undefined) return policy.nilIsMiss ? undefined : null
    return value as T
  }

  async put(key: string | Uint8Array, value: LuaArgument, options?: PutOptions): Promise<true> {
    const call = 'cache.put'
    this.#assertUsable(call)
    const { store, policy, clock } = this.parts
    const keyBytes = bytesOfKey(key, call)
    const ttlMs = readTtlMs(options)
    if (value === undefined) {
      throw createError('MOONPOOL_INVALID_VALUE', `${call}: value is undefined: give null to store a nil`)
    }
    if (keyBytes.length > policy.maxKeyBytes) {
      throw notStored(
        key,
        'key too long',
        `it has ${keyBytes.length} bytes, cache.maxKeyBytes is ${policy.maxKeyBytes}`,
      )
    }
    const bytes = this.#encode(key, value)
    const deadlineMs = expiresAtMs(clock.nowMs(), ttlMs, policy)
    if (this.#withPrefix((prefix) => store.put(prefix, keyBytes, bytes, deadlineMs))) return true
    throw notStored(key, 'too large', `the entry is larger than cache.maxBytes, ${policy.maxBytes}`)
  }

  #assertUsable(call: string): void {
    this.parts.assertOpen(call)
    if (this.prefix === undefined && this.parts.policy.requirePrefix) throw prefixRequired(call)
  }

  #withPrefix<Result>(use: (prefix: Prefix) => Result): Result {
    const { prefixes } = this.parts
    const prefix = prefixes.open(this.prefix)
    try {
      return use(prefix)
    } finally {
      prefixes.unpin(prefix)
    }
  }

  /** The value's bytes, valid until the next call: the store copies. */
  #encode(key: string | Uint8Array, value: unknown): Uint8Array {
    const { maxValueBytes } = this.parts.policy
    const writer = this.parts.writer.take()
    try {
      encodeValue(value, writer, maxValueBytes, 'value')
    } catch (error) {
      if (!(error instanceof MoonpoolError) || error.reason === undefined) throw error
      throw notStored(key, error.reason, `the value takes more than cache.maxValueBytes, ${maxValueBytes}`)
    }
    return writer.bytes.subarray(0, writer.length)
  }
}

export class WholeCache extends PrefixCache implements EngineCache {
  constructor(parts: HostCacheParts) {
    super(parts, undefined)
  }

  withPrefix(cachePrefix: string): HostCache {
    if (isCachePrefix(cachePrefix)) return new PrefixCache(this.parts, cachePrefix)
    throw createError(
      'MOONPOOL_INVALID_OPTION',
      `cache.withPrefix: cachePrefix ${CACHE_PREFIX_RULE}, got ${shown(cachePrefix)}`,
    )
  }
}

function bytesOfKey(key: unknown, call: string): Uint8Array {
  if (types.isUint8Array(key)) return key
  if (typeof key !== 'string') {
    const remedy = typeof key === 'number' ? ': write String(key)' : ''
    throw createError(
      'MOONPOOL_INVALID_VALUE',
      `${call}: the key must be a string or a Uint8Array, got ${shown(key)}${remedy}`,
    )
  }
  if (isWellFormed(key)) return Buffer.from(key, 'utf8')
  throw createError(
    'MOONPOOL_INVALID_VALUE',
    `${call}: the key holds a lone surrogate, which UTF-8 cannot: give its bytes as a Uint8Array`,
  )
}

function notStored(key: string | Uint8Array, reason: string, explanation: string) {
  const name = typeof key === 'string' ? JSON.stringify(key.slice(0, SHOWN_KEY_CHARACTERS)) : 'the key'
  return createError('MOONPOOL_NOT_STORED', `cache.put: ${name} was not stored: ${reason} (${explanation})`, {
    reason,
  })
}
