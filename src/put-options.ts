// The options of a host `put`, read as those of a run are: cheap when all is well, thorough when not.

import type { PrefixOptions, PutOptions } from './call-options.js'
import { resolvePrefixedPutOptions, resolvePutOptions } from './options.js'

const NONE: PutOptions & PrefixOptions = {}

function isUsual(options: PutOptions, ttlMs: unknown): boolean {
  if (Object.getPrototypeOf(options) !== Object.prototype) return false
  for (const name in options) if (name !== 'ttlMs') return false
  return typeof ttlMs === 'number' && !Number.isNaN(ttlMs)
}

/** undefined: none given. For a cache whose prefix is fixed. Throws MOONPOOL_INVALID_OPTION. */
export function readTtlMs(options: PutOptions | undefined): number | undefined {
  if (options === undefined) return undefined
  if (typeof options === 'object' && options !== null) {
    const { ttlMs } = options
    if (isUsual(options, ttlMs)) return ttlMs
  }
  return resolvePutOptions(options).ttlMs
}

/** The options of a `put` that may name its tenant. Throws MOONPOOL_INVALID_OPTION. */
export function readPrefixedPutOptions(
  options: (PutOptions & PrefixOptions) | undefined,
): PutOptions & PrefixOptions {
  if (options === undefined) return NONE
  if (typeof options === 'object' && options !== null) {
    const { ttlMs } = options
    if (isUsual(options, ttlMs)) return { ttlMs }
  }
  return resolvePrefixedPutOptions(options)
}
