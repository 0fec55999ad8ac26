// The options of a host `put`, read as those of a run are: cheap when all is well, thorough when not.

import { type PutOptions, resolvePutOptions } from './options.js'

function isUsual(options: PutOptions, ttlMs: unknown): boolean {
  if (Object.getPrototypeOf(options) !== Object.prototype) return false
  for (const name in options) if (name !== 'ttlMs') return false
  return typeof ttlMs === 'number' && !Number.isNaN(ttlMs)
}

/** undefined: none given. Throws MOONPOOL_INVALID_OPTION. */
export function readTtlMs(options: PutOptions | undefined): number | undefined {
  if (options === undefined) return undefined
  if (typeof options === 'object' && options !== null) {
    const { ttlMs } = options
    if (isUsual(options, ttlMs)) return ttlMs
  }
  return resolvePutOptions(options).ttlMs
}
