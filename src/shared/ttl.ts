// When an entry expires: one rule for scripts and host, in every thread.
//
//   ttlMs given        the entry
//   nothing            lives for defaultTtlMs if the engine has one, else for ever
//   <= 0, NaN          is expired at once: as deleted, never "for ever" (callers refuse NaN with a message before)
//   a fraction         lives for that rounded up to a whole millisecond, so at least 1; the moment is rounded up, too
//   >= 2^53, Infinity  lives for ever
//
// Then maxTtlMs, if the engine has one, shortens whatever is longer, "for ever" included.
// An entry is visible while nowMs < expiresAtMs.

import { MAX_TTL_MS } from '../limits.js'

/** The engine's own TTLs; undefined means none. */
export interface TtlPolicy {
  readonly defaultTtlMs: number | undefined
  readonly maxTtlMs: number | undefined
}

export const NEVER_EXPIRES: number = Number.POSITIVE_INFINITY
/** A moment before every other: storing with it deletes. */
export const ALREADY_EXPIRED: number = Number.NEGATIVE_INFINITY

/** The moment on the clock of `nowMs`, or one of the two constants above. */
export function expiresAtMs(nowMs: number, ttlMs: number | undefined, policy: TtlPolicy): number {
  let lifeMs = ttlMs ?? policy.defaultTtlMs ?? NEVER_EXPIRES
  if (!(lifeMs > 0)) return ALREADY_EXPIRED
  if (policy.maxTtlMs !== undefined && lifeMs > policy.maxTtlMs) lifeMs = policy.maxTtlMs
  return lifeMs >= MAX_TTL_MS ? NEVER_EXPIRES : Math.ceil(nowMs + Math.ceil(lifeMs))
}

/** Lua counts in seconds. 0.069 s is 69 ms: the product's own rounding error must not be rounded up to another one. */
export function ttlMsOfSeconds(seconds: number): number {
  const ttlMs = seconds * 1000
  const nearestMs = Math.round(ttlMs)
  return Math.abs(ttlMs - nearestMs) <= nearestMs * Number.EPSILON ? nearestMs : ttlMs
}
