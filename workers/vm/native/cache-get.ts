// cache.get(key [, default]) as Lua calls it, for nearly every call: a short string as key. Everything else is JavaScript's,
// misuse and messages included.

import { findInView, MAX_SHORT_VALUE_BYTES, takeValue } from './view'
import { hashKey } from './key-hash'
import { pushLong } from './long-value'
import { MAX_SHORT_BYTES, NIL, push, SLOT_BYTES, STATE_TOP, STRING_BYTES, STRING_SHORT_LENGTH, TAG_AT } from './lua'
import { firstArgument, incarnation, scratch, shortKey } from './run'
import { pushValues } from './values'

/** No live entry has the key. */
const MISSING: i32 = 0

/**
 * Looks for the key of `length` bytes at `key` and copies its value to the scratch area.
 * @returns bytes of the value, MISSING, or less when the value was pushed already, being longer than that area
 */
@external("host", "find")
declare function find(L: usize, hash: i32, key: usize, length: i32): i32
/** The whole function. */
@external("host", "cacheGet")
declare function getElsewhere(L: usize): i32

/** A run of a day has time for more than 2^32. */
let hits: f64 = 0
let misses: f64 = 0

/** Reads that were answered here since this was last asked. */
export function takeHits(): f64 {
  const taken = hits
  hits = 0
  return taken
}

export function takeMisses(): f64 {
  const taken = misses
  misses = 0
  return taken
}

export function cacheGet(L: usize): i32 {
  const argument = firstArgument(L)
  const top = load<usize>(L, STATE_TOP)
  const string = shortKey(L, argument)
  if (string == 0) return getElsewhere(L)
  const length = <i32>load<u8>(string, STRING_SHORT_LENGTH)
  const key = string + STRING_BYTES
  const hash = hashKey(incarnation, key, length)
  let found = length <= MAX_SHORT_BYTES ? findInView(hash, incarnation, key, length) : -1
  if (found > MAX_SHORT_VALUE_BYTES) {
    if (!pushLong(L, <usize>found, scratch)) return getAnew(L, top - argument)
    hits++
    return 1
  }
  if (found > 0 && takeValue(scratch, found)) hits++
  else if (found == MISSING) misses++
  else found = find(L, hash, key, length)
  // A C function has room on its stack for some values.
  if (found > 0) return pushValues(L, scratch, scratch + found, 1) != 0 ? 1 : getAnew(L, top - argument)
  if (found != MISSING) return 1
  if (top - argument <= SLOT_BYTES) push(L, 0, NIL)
  else push(L, load<u64>(argument, SLOT_BYTES), load<u8>(argument, SLOT_BYTES + TAG_AT))
  return 1
}

/**
 * The call with so many bytes of arguments begins anew elsewhere. The stack may have moved meanwhile: what it holds is where the
 * call is found now.
 */
function getAnew(L: usize, argumentBytes: usize): i32 {
  store<usize>(L, firstArgument(L) + argumentBytes, STATE_TOP)
  return getElsewhere(L)
}
