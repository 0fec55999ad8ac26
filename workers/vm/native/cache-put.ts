// cache.put(key, value) and cache.put_ttl(key, value, ttl_seconds) as Lua calls them, for nearly every call of a counter or
// a flag: a short string as key, and a value that is encoded in a few bytes. Everything else is JavaScript's, misuse and
// messages included. So is the store: the value goes there in registers, in the format of src/shared/value-format.ts.

import { hashKey } from './key-hash'
import {
  FALSE,
  FLOAT,
  INTEGER,
  push,
  SHORT_STRING,
  SLOT_BYTES,
  STATE_TOP,
  STRING_BYTES,
  STRING_SHORT_LENGTH,
  TAG_AT,
  TRUE,
  TYPE_BITS,
} from './lua'
import { firstArgument, incarnation, shortKey } from './run'

/**
 * Stores a value of `valueBytes` encoded bytes, little-endian in `v0` … `v2` and filled up with zeros. `ttlSeconds`: NaN for
 * none.
 * @returns false when nothing was done: then the whole function is to be called
 */
@external("host", "putShort")
declare function putShort(
  hash: i32,
  key: usize,
  keyBytes: i32,
  valueBytes: i32,
  v0: i32,
  v1: i32,
  v2: i32,
  ttlSeconds: f64,
): bool
/** The whole functions. */
@external("host", "cachePut")
declare function putElsewhere(L: usize): i32
@external("host", "cachePutTtl")
declare function putTtlElsewhere(L: usize): i32

/** Behind a tag. */
const MAX_STRING_BYTES: i32 = 11
const NO_TTL: f64 = NaN

/** The value that `encode` was given: its bytes, and the words they lie in. */
let valueBytes: i32 = 0
let v0: i32 = 0
let v1: i32 = 0
let v2: i32 = 0

export function cachePut(L: usize): i32 {
  const argument = firstArgument(L)
  const third = argument + 2 * SLOT_BYTES
  if (third < load<usize>(L, STATE_TOP) && (load<u8>(third, TAG_AT) & TYPE_BITS) != 0) return putElsewhere(L)
  return putNatively(L, argument, NO_TTL) ? 1 : putElsewhere(L)
}

export function cachePutTtl(L: usize): i32 {
  const argument = firstArgument(L)
  const third = argument + 2 * SLOT_BYTES
  if (third >= load<usize>(L, STATE_TOP)) return putTtlElsewhere(L)
  const tag = load<u8>(third, TAG_AT)
  if (tag != INTEGER && tag != FLOAT) return putTtlElsewhere(L)
  const seconds = tag == INTEGER ? <f64>load<i64>(third) : load<f64>(third)
  return seconds == seconds && putNatively(L, argument, seconds) ? 1 : putTtlElsewhere(L)
}

/** Stores the second argument under the first, and pushes `true`; false when nothing was done. */
function putNatively(L: usize, argument: usize, ttlSeconds: f64): bool {
  const value = argument + SLOT_BYTES
  const string = shortKey(L, argument)
  if (string == 0 || value >= load<usize>(L, STATE_TOP) || !encode(value)) return false
  const key = string + STRING_BYTES
  const keyBytes = <i32>load<u8>(string, STRING_SHORT_LENGTH)
  const hash = hashKey(incarnation, key, keyBytes)
  if (!putShort(hash, key, keyBytes, valueBytes, v0, v1, v2, ttlSeconds)) return false
  push(L, 0, TRUE)
  return true
}

/** False: it takes more bytes, or cannot be stored. */
function encode(value: usize): bool {
  const tag = load<u8>(value, TAG_AT)
  switch (tag) {
    case INTEGER: {
      const integer = load<i64>(value)
      const isSmall = integer == <i64>(<i32>integer)
      return isSmall ? encodeAs(0x03, <u64>(<u32>integer), 0, 5) : encodeAs(0x04, <u64>integer, 0, 9)
    }
    case FLOAT:
      return encodeAs(0x05, load<u64>(value), 0, 9)
    case SHORT_STRING:
      return encodeString(load<usize>(value))
    case TRUE:
      return encodeAs(0x02, 0, 0, 1)
    case FALSE:
      return encodeAs(0x01, 0, 0, 1)
    default:
      return (tag & TYPE_BITS) == 0 && encodeAs(0x00, 0, 0, 1)
  }
}

/** Lua's allocator gives whole 64 bits, so what is loaded behind the string is readable. */
function encodeString(string: usize): bool {
  const length = <i32>load<u8>(string, STRING_SHORT_LENGTH)
  if (length > MAX_STRING_BYTES) return false
  const low = load<u64>(string, STRING_BYTES)
  const lowBits = <u64>length << 3
  const tag = <u8>(0x80 + length)
  if (length < 8) return encodeAs(tag, low & ((<u64>1 << lowBits) - 1), 0, 1 + length)
  const high = load<u32>(string, STRING_BYTES + 8) & ((<u32>1 << (<u32>lowBits - 64)) - 1)
  return encodeAs(tag, low, high, 1 + length)
}

@inline
function encodeAs(tag: u8, low: u64, high: u32, bytes: i32): bool {
  v0 = <i32>(<u32>tag | (<u32>low << 8))
  v1 = <i32>(<u32>(low >> 24))
  v2 = <i32>(<u32>(low >> 56) | (high << 8))
  valueBytes = bytes
  return true
}
