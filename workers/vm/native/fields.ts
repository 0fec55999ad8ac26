// Puts fields into a table that was just made, the way Lua itself would: short strings into a free node, items into the
// array. Whatever is not plain goes by the C API: other keys, a table that the collector has passed, one that must grow.

import {
  BLACK_BIT,
  LACKED_METAMETHODS,
  lua_rawset,
  lua_rawseti,
  MARKED,
  NODE_BYTES,
  NODE_KEY,
  NODE_KEY_TAG,
  NODE_NEXT,
  SHORT_STRING,
  SLOT_BYTES,
  STRING_HASH,
  TABLE_ARRAY,
  TABLE_ARRAY_LIMIT,
  TABLE_FLAGS,
  TABLE_LAST_FREE,
  TABLE_LOG2_NODES,
  TABLE_NODES,
  TAG_AT,
  TYPE_BITS,
} from './lua'

@inline
function nodeOf(table: usize, string: usize): usize {
  const mask = (<u32>1 << load<u8>(table, TABLE_LOG2_NODES)) - 1
  return load<usize>(table, TABLE_NODES) + <usize>(load<u32>(string, STRING_HASH) & mask) * NODE_BYTES
}

/** Lua counts a chain in nodes, here it is walked by addresses. */
@inline
function nextOf(node: usize): usize {
  const distance = load<i32>(node, NODE_NEXT)
  return distance == 0 ? 0 : node + distance * <i32>NODE_BYTES
}

@inline
function linkTo(node: usize, next: usize): void {
  store<i32>(node, (<i32>next - <i32>node) / <i32>NODE_BYTES, NODE_NEXT)
}

@inline
function fill(node: usize, string: usize, bits: u64, tag: u8): void {
  store<u64>(node, bits)
  store<u8>(node, tag, TAG_AT)
  store<u8>(node, SHORT_STRING, NODE_KEY_TAG)
  store<usize>(node, string, NODE_KEY)
}

/** The last node that never had a key, or 0: Lua's own way through them, downwards. */
function takeFree(table: usize): usize {
  const nodes = load<usize>(table, TABLE_NODES)
  let free = load<usize>(table, TABLE_LAST_FREE)
  while (free > nodes) {
    free -= NODE_BYTES
    if (load<u8>(free, NODE_KEY_TAG) == 0) {
      store<usize>(table, free, TABLE_LAST_FREE)
      return free
    }
  }
  return 0
}

/** As lua_rawset for a short string, without a stack and without a barrier; false when that cannot be done here. */
function putShort(table: usize, string: usize, bits: u64, tag: u8): bool {
  const home = nodeOf(table, string)
  if ((load<u8>(home, TAG_AT) & TYPE_BITS) == 0 && load<u8>(home, NODE_KEY_TAG) == 0) {
    fill(home, string, bits, tag)
    return true
  }
  if (load<u8>(home, NODE_KEY_TAG) != SHORT_STRING) return false
  const othersHome = nodeOf(table, load<usize>(home, NODE_KEY))
  if (othersHome == home) {
    for (let node = home; node != 0; node = nextOf(node)) {
      // Twice the same key: only damaged bytes hold that. The last one counts, as it would in Lua.
      if (load<u8>(node, NODE_KEY_TAG) != SHORT_STRING || load<usize>(node, NODE_KEY) != string) continue
      fill(node, string, bits, tag)
      return true
    }
  }
  const free = takeFree(table)
  if (free == 0) return false
  if (othersHome == home) {
    const next = nextOf(home)
    if (next != 0) linkTo(free, next)
    linkTo(home, free)
    fill(free, string, bits, tag)
    return true
  }
  moveTo(free, home, othersHome)
  fill(home, string, bits, tag)
  return true
}

/** The node at `home` is a guest there, from the chain that begins at `chain`: it goes to `free`. */
function moveTo(free: usize, home: usize, chain: usize): void {
  let before = chain
  for (let next = nextOf(before); next != home; next = nextOf(before)) before = next
  linkTo(before, free)
  const next = nextOf(home)
  store<u64>(free, load<u64>(home))
  store<u64>(free, load<u64>(home, 8), 8)
  store<u64>(free, load<u64>(home, 16), 16)
  store<i32>(free, 0, NODE_NEXT)
  if (next != 0) linkTo(free, next)
  store<i32>(home, 0, NODE_NEXT)
}

@inline
function isPassed(table: usize): bool {
  return (load<u8>(table, MARKED) & BLACK_BIT) != 0
}

/** To be called once, before `setShort`: Lua takes it for granted that an empty table has no metamethods. */
@inline
export function expectFields(table: usize): void {
  store<u8>(table, load<u8>(table, TABLE_FLAGS) & ~LACKED_METAMETHODS, TABLE_FLAGS)
}

/** The key's place is free to take and needs no barrier: the value was stored. */
export function setShort(table: usize, string: usize, bits: u64, tag: u8): bool {
  return !isPassed(table) && load<u8>(table, TABLE_LOG2_NODES) < 32 && putShort(table, string, bits, tag)
}

/** The value was stored at `n`, which counts from 1. */
export function setItem(table: usize, n: i32, bits: u64, tag: u8): bool {
  if (isPassed(table) || <u32>n > load<u32>(table, TABLE_ARRAY_LIMIT)) return false
  const slot = load<usize>(table, TABLE_ARRAY) + <usize>(n - 1) * SLOT_BYTES
  store<u64>(slot, bits)
  store<u8>(slot, tag, TAG_AT)
  return true
}

/** Stack: table, key, value. Takes key and value off. */
export function setByLua(L: usize): void {
  lua_rawset(L, -3)
}

/** Stack: table, value. Takes the value off. */
export function setItemByLua(L: usize, n: i32): void {
  lua_rawseti(L, -2, <i64>n)
}
