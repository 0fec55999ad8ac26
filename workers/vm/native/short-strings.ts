// Finds short strings that Lua holds already. Each is interned: equal bytes are one object, found by their hash.

import {
  GLOBAL_SEED,
  GLOBAL_STRING_BUCKETS,
  GLOBAL_STRINGS,
  GLOBAL_WHITE,
  MARKED,
  STATE_GLOBAL,
  STRING_BYTES,
  STRING_NEXT,
  STRING_SHORT_LENGTH,
  WHITE_BITS,
} from './lua'

/** Lua's own hash, over the bytes from the last to the first. */
@inline
function hashOf(bytes: usize, length: i32, seed: u32): u32 {
  let hash = seed ^ <u32>length
  for (let n = length; n > 0; n--) {
    hash ^= (hash << 5) + (hash >> 2) + <u32>load<u8>(bytes + <usize>n - 1)
  }
  return hash
}

@inline
function isEqual(a: usize, b: usize, length: i32): bool {
  let at: usize = 0
  const end = <usize>length
  for (; at + 8 <= end; at += 8) if (load<u64>(a + at) != load<u64>(b + at)) return false
  for (; at < end; at++) if (load<u8>(a + at) != load<u8>(b + at)) return false
  return true
}

/** The string of these bytes, `length` at most MAX_SHORT_BYTES; 0 when Lua holds none. It is not anchored. */
export function findShort(L: usize, bytes: usize, length: i32): usize {
  const global = load<usize>(L, STATE_GLOBAL)
  const hash = hashOf(bytes, length, load<u32>(global, GLOBAL_SEED))
  const bucket = hash & (load<u32>(global, GLOBAL_STRING_BUCKETS) - 1)
  let string = load<usize>(load<usize>(global, GLOBAL_STRINGS) + (<usize>bucket << 2))
  for (; string != 0; string = load<usize>(string, STRING_NEXT)) {
    if (<i32>load<u8>(string, STRING_SHORT_LENGTH) != length) continue
    if (!isEqual(string + STRING_BYTES, bytes, length)) continue
    const marked = load<u8>(string, MARKED)
    // Dead, but not swept yet: the other white brings it back to life, as Lua itself does here.
    if ((marked & (load<u8>(global, GLOBAL_WHITE) ^ WHITE_BITS)) != 0) store<u8>(string, marked ^ WHITE_BITS, MARKED)
    return string
  }
  return 0
}
