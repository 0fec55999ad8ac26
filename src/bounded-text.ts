// Names that cross to workers as UTF-8: cache prefixes, names of scripts and functions.

import { MAX_NAME_BYTES, MAX_PREFIX_BYTES } from './limits.js'
import { isWellFormed, utf8Bytes } from './shared/utf8.js'

/** A UTF-16 unit takes at most this many bytes of UTF-8; so short texts need not be measured. */
const MAX_BYTES_PER_UNIT = 3

function isTextUpTo(given: unknown, maxBytes: number): given is string {
  if (typeof given !== 'string' || given.length === 0 || given.length > maxBytes) return false
  if (!isWellFormed(given)) return false
  return given.length * MAX_BYTES_PER_UNIT <= maxBytes || utf8Bytes(given) <= maxBytes
}

/** Asked at every run: cheap for what is right. */
export function isCachePrefix(given: unknown): given is string {
  return isTextUpTo(given, MAX_PREFIX_BYTES)
}

export const CACHE_PREFIX_RULE = `must be a string of 1 to ${MAX_PREFIX_BYTES} bytes of UTF-8 (leave it out for a run without a prefix)`

export function isFunctionName(given: unknown): given is string {
  return isTextUpTo(given, MAX_NAME_BYTES)
}

export const FUNCTION_NAME_RULE = `must be the name of a global function: a string of 1 to ${MAX_NAME_BYTES} bytes of UTF-8`

export function isScriptName(given: unknown): given is string {
  return isTextUpTo(given, MAX_NAME_BYTES) && !/\p{Cc}/u.test(given)
}

export const SCRIPT_NAME_RULE = `must be a string of 1 to ${MAX_NAME_BYTES} bytes of UTF-8 without control characters`
