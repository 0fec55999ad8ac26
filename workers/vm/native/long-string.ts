// Makes long strings without a copy of their own. The C API copies what a string is made of, so whoever has the bytes elsewhere
// would have to bring them into VM memory first. But an object of the collector of the same size, with room for any bytes,
// can be had from it: a userdata without user values. What tells the two apart is in their heads:
//
//              0       4     5        6         7         8          12                16
//   userdata   │ next │ type │ colour │ user values: 0    │ bytes    │ metatable: 0    │ its memory …
//   string     │ next │ type │ colour │ extra: 0 │ 0      │ hash     │ bytes without 0 │ its text …      │ 0 │
//
// Both are freed by their bytes, and both turn black at once when they are marked, so it does not matter to the collector when
// one becomes the other.

import {
  GLOBAL_SEED,
  LONG_STRING,
  LONG_STRING_BYTES,
  lua_newuserdatauv,
  OBJECT_TYPE,
  OBJECT_TYPE_BITS,
  SLOT_BYTES,
  STATE_GLOBAL,
  STATE_TOP,
  STRING_BYTES,
  STRING_HASH,
  TAG_AT,
} from './lua'

/**
 * Pushes a string of `length` bytes, more than MAX_SHORT_BYTES; gives the address of its text, which is to be written before
 * anybody reads it. May collect garbage.
 */
export function newLongString(L: usize, length: i32): usize {
  const text = lua_newuserdatauv(L, length + 1, 0)
  const string = text - STRING_BYTES
  store<u8>(string, LONG_STRING & OBJECT_TYPE_BITS, OBJECT_TYPE)
  // A long string's hash is made of this when it is asked for first.
  store<u32>(string, load<u32>(load<usize>(L, STATE_GLOBAL), GLOBAL_SEED), STRING_HASH)
  store<i32>(string, length, LONG_STRING_BYTES)
  store<u8>(text + <usize>length, 0)
  store<u8>(load<usize>(L, STATE_TOP) - SLOT_BYTES, LONG_STRING, TAG_AT)
  return text
}
