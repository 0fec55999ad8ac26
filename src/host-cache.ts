// The cache, called from the host. The store is asked before each method returns, so calls take effect in call order.

import { types } from 'node:util'
import { CACHE_PREFIX_RULE, isCachePrefix } from './bounded-text.js'
import type { PrefixOptions, PutOptions } from './call-options.js'
import type { Clock } from './clock.js'
import type { CachePolicy } from './dispatch/contract.js'
import { createError, MoonpoolError } from './errors.js'
import { shown } from './option-problems.js'
import { refuseOptions, resolvePrefixOptions } from './options.js'
import { readPrefixedPutOptions, readTtlMs } from './put-options.js'
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

/** What can be done with the entries of a space, whichever it is. */
class CacheCalls {
  readonly #parts: HostCacheParts

  constructor(parts: HostCacheParts) {
    this.#parts = parts
  }

  get(key: string | Uint8Array, space: string | undefined): LuaValue | null {
    const { store, policy } = this.#parts
    const keyBytes = bytesOfKey(key, 'cache.get')
    if (keyBytes.length > policy.maxKeyBytes) return undefined
    const bytes = this.#inSpace(space, (prefix) => store.get(prefix, keyBytes))
    if (bytes === undefined) return undefined
    const value = decodeValue(bytes, { offset: 0 })
    return value === undefined && !policy.nilIsMiss ? null : value
  }

  put(
    key: string | Uint8Array,
    value: LuaArgument,
    ttlMs: number | undefined,
    space: string | undefined,
  ): true {
    const { store, policy, clock } = this.#parts
    const keyBytes = bytesOfKey(key, 'cache.put')
    if (value === undefined) {
      throw createError('MOONPOOL_INVALID_VALUE', 'cache.put: value is undefined: give null to store a nil')
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
    if (this.#inSpace(space, (prefix) => store.put(prefix, keyBytes, bytes, deadlineMs))) return true
    throw notStored(key, 'too large', `the entry is larger than cache.maxBytes, ${policy.maxBytes}`)
  }

  assertOpen(call: string): void {
    this.#parts.assertOpen(call)
  }

  assertAllowed(space: string | undefined, call: string): void {
    if (space === undefined && this.#parts.policy.requirePrefix) throw prefixRequired(call)
  }

  #inSpace<Result>(space: string | undefined, use: (prefix: Prefix) => Result): Result {
    const { prefixes } = this.#parts
    const prefix = prefixes.open(space)
    try {
      return use(prefix)
    } finally {
      prefixes.unpin(prefix)
    }
  }

  /** The value's bytes, valid until the next call: the store copies. */
  #encode(key: string | Uint8Array, value: unknown): Uint8Array {
    const { maxValueBytes } = this.#parts.policy
    const writer = this.#parts.writer.take()
    try {
      encodeValue(value, writer, maxValueBytes, 'value')
    } catch (error) {
      if (!(error instanceof MoonpoolError) || error.reason === undefined) throw error
      throw notStored(key, error.reason, `the value takes more than cache.maxValueBytes, ${maxValueBytes}`)
    }
    return writer.bytes.subarray(0, writer.length)
  }
}

// Each method below runs to its end without waiting; `async` only turns what it throws into a rejection.

/** One tenant's. */
class PrefixCache implements HostCache {
  readonly prefix: string
  readonly #calls: CacheCalls

  constructor(calls: CacheCalls, prefix: string) {
    this.#calls = calls
    this.prefix = prefix
  }

  async get<T = LuaValue>(key: string | Uint8Array, options?: unknown): Promise<T | null | undefined> {
    this.#calls.assertOpen('cache.get')
    if (options !== undefined) refuseOptions(options, 'cache.get')
    return this.#calls.get(key, this.prefix) as T | null | undefined
  }

  async put(key: string | Uint8Array, value: LuaArgument, options?: PutOptions): Promise<true> {
    this.#calls.assertOpen('cache.put')
    return this.#calls.put(key, value, readTtlMs(options), this.prefix)
  }
}

/** The engine's. */
export class WholeCache implements EngineCache {
  readonly prefix: undefined
  readonly #calls: CacheCalls

  constructor(parts: HostCacheParts) {
    this.#calls = new CacheCalls(parts)
  }

  async get<T = LuaValue>(key: string | Uint8Array, options?: PrefixOptions): Promise<T | null | undefined> {
    this.#calls.assertOpen('cache.get')
    const space = options === undefined ? undefined : resolvePrefixOptions(options, 'cache.get').cachePrefix
    this.#calls.assertAllowed(space, 'cache.get')
    return this.#calls.get(key, space) as T | null | undefined
  }

  async put(
    key: string | Uint8Array,
    value: LuaArgument,
    options?: PutOptions & PrefixOptions,
  ): Promise<true> {
    this.#calls.assertOpen('cache.put')
    const { ttlMs, cachePrefix } = readPrefixedPutOptions(options)
    this.#calls.assertAllowed(cachePrefix, 'cache.put')
    return this.#calls.put(key, value, ttlMs, cachePrefix)
  }

  withPrefix(cachePrefix: string): HostCache {
    if (isCachePrefix(cachePrefix)) return new PrefixCache(this.#calls, cachePrefix)
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
