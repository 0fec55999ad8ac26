// Bytes → Lua values, inside the VM (format: src/shared/value-format.ts). The bytes lie in VM memory and may be damaged.
//
// Nothing here allocates but by the C API, which may collect garbage: whatever was made is anchored on the stack first,
// and a table's own memory is looked up anew after each such call. Of a VM whose memory is damaged nothing worse can come
// than of Lua's own code: wasm keeps every access inside the memory.

import { expectFields, setByLua, setItem, setItemByLua, setShort } from './fields'
import {
  drop,
  FALSE,
  FLOAT,
  INTEGER,
  lua_checkstack,
  lua_createtable,
  lua_pushlstring,
  MAX_SHORT_BYTES,
  NIL,
  push,
  SHORT_STRING,
  SLOT_BYTES,
  STATE_TOP,
  TAG_AT,
  TRUE,
} from './lua'
import { findShort } from './short-strings'

const MAX_DEPTH: i32 = 128
/** A level holds its table, a key and a value. */
const SLOTS_PER_LEVEL: i32 = 4

/** Why reading stopped, and where; the numbers are known to ../push-value.ts. */
const SHORT: i32 = 1
const UNKNOWN_TAG: i32 = 2
const TOO_DEEP: i32 = 3
const TOO_MANY: i32 = 4
const BAD_KEY: i32 = 5
const STACK_FULL: i32 = 6

let failure: i32 = 0
let failedAt: usize = 0
let end: usize = 0
/** How many more elements all tables together may claim: each takes a byte at least. */
let elementsLeft: i32 = 0

/** The value that was read last. If it is `isPushed` it is on top of the stack too. */
let bits: u64 = 0
let tag: u8 = 0
let isPushed: bool = false

export function lastFailure(): i32 {
  return failure
}

export function lastFailureAt(): usize {
  return failedAt
}

function fail(why: i32, at: usize): usize {
  failure = why
  failedAt = at
  return 0
}

@inline
function plain(value: u64, valueTag: u8, next: usize): usize {
  bits = value
  tag = valueTag
  isPushed = false
  return next
}

@inline
function takeTop(L: usize): void {
  const slot = load<usize>(L, STATE_TOP) - SLOT_BYTES
  bits = <u64>load<u32>(slot)
  tag = load<u8>(slot, TAG_AT)
  isPushed = true
}

function readString(L: usize, at: usize, length: usize): usize {
  if (length > end - at) return fail(SHORT, at)
  if (length <= <usize>MAX_SHORT_BYTES) {
    const string = findShort(L, at, <i32>length)
    if (string != 0) return plain(<u64>string, SHORT_STRING, at + length)
  }
  lua_pushlstring(L, at, <i32>length)
  takeTop(L)
  return at + length
}

/** Reads the value at `at`, which is before the end. Gives the address behind it; 0: it failed. */
function read(L: usize, at: usize, depth: i32): usize {
  const kind = load<u8>(at)
  const next = at + 1
  if (kind >= 0x80) return readString(L, next, <usize>(kind - 0x80))
  const left = end - next
  switch (kind) {
    case 0x00:
      return plain(0, NIL, next)
    case 0x01:
      return plain(0, FALSE, next)
    case 0x02:
      return plain(0, TRUE, next)
    case 0x03:
      if (left < 4) return fail(SHORT, next)
      return plain(<u64>(<i64>load<i32>(next)), INTEGER, next + 4)
    case 0x04:
      if (left < 8) return fail(SHORT, next)
      return plain(load<u64>(next), INTEGER, next + 8)
    case 0x05:
      if (left < 8) return fail(SHORT, next)
      return plain(load<u64>(next), FLOAT, next + 8)
    case 0x06:
      if (left < 4) return fail(SHORT, next)
      return readString(L, next + 4, <usize>load<u32>(next))
    case 0x07:
      if (left < 2) return fail(SHORT, next)
      return readTable(L, next + 2, <u32>load<u8>(next), <u32>load<u8>(next, 1), depth + 1)
    case 0x08:
      if (left < 8) return fail(SHORT, next)
      return readTable(L, next + 8, load<u32>(next), load<u32>(next, 4), depth + 1)
    default:
      return fail(UNKNOWN_TAG, at)
  }
}

function readTable(L: usize, start: usize, items: u32, pairs: u32, depth: i32): usize {
  if (depth > MAX_DEPTH) return fail(TOO_DEEP, start)
  const elements = <u64>items + 2 * <u64>pairs
  if (elements > <u64>elementsLeft || elements > <u64>(end - start)) return fail(TOO_MANY, start)
  elementsLeft -= <i32>elements
  if (lua_checkstack(L, SLOTS_PER_LEVEL) == 0) return fail(STACK_FULL, start)
  lua_createtable(L, <i32>items, <i32>pairs)
  const table = load<usize>(load<usize>(L, STATE_TOP) - SLOT_BYTES)
  let at = start
  for (let n: u32 = 1; n <= items; n++) {
    if (at >= end) return fail(SHORT, at)
    at = read(L, at, depth)
    if (at == 0) return 0
    if (tag != NIL) addItem(L, table, <i32>n)
  }
  if (pairs > 0) expectFields(table)
  for (let n: u32 = 0; n < pairs; n++) {
    at = readPair(L, table, at, depth)
    if (at == 0) return 0
  }
  takeTop(L)
  return at
}

@inline
function addItem(L: usize, table: usize, n: i32): void {
  if (setItem(table, n, bits, tag)) {
    if (isPushed) drop(L, 1)
    return
  }
  if (!isPushed) push(L, bits, tag)
  setItemByLua(L, n)
}

function readPair(L: usize, table: usize, start: usize, depth: i32): usize {
  let at = readKey(L, start)
  if (at == 0) return 0
  if (!isPushed) push(L, bits, tag)
  const key = <usize>bits
  const keyTag = tag
  if (at >= end) return fail(SHORT, at)
  at = read(L, at, depth)
  if (at == 0) return 0
  if (keyTag == SHORT_STRING && tag != NIL && setShort(table, key, bits, tag)) {
    drop(L, isPushed ? 2 : 1)
    return at
  }
  if (!isPushed) push(L, bits, tag)
  setByLua(L)
  return at
}

/** Reads what may be a key: a string, an integer, a boolean, or a float that is a number. */
@inline
function readKey(L: usize, at: usize): usize {
  if (at >= end) return fail(BAD_KEY, at)
  const kind = load<u8>(at)
  if (kind < 0x80 && (kind < 0x01 || kind > 0x06)) return fail(BAD_KEY, at)
  const next = read(L, at, MAX_DEPTH)
  if (next != 0 && kind == 0x05 && reinterpret<f64>(bits) != reinterpret<f64>(bits)) return fail(BAD_KEY, at)
  return next
}

/**
 * Pushes `count` values that lie one behind the other from `at` on and end before `limit`. The stack has room for them.
 * Gives the address behind them; 0: it failed, and the stack holds more than before.
 */
export function pushValues(L: usize, at: usize, limit: usize, count: i32): usize {
  end = limit
  elementsLeft = <i32>(limit - at)
  for (let n = 0; n < count; n++) {
    if (at >= end) return fail(SHORT, at)
    at = read(L, at, 0)
    if (at == 0) return 0
    if (!isPushed) push(L, bits, tag)
  }
  return at
}
