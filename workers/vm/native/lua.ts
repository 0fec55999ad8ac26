// What the native code calls of Lua, and where it looks into Lua's memory itself. The offsets are those of ../layout.ts and
// ../stack-layout.ts and belong to the one wasm whose digest is checked; the self test proves them.

@external("lua", "lua_checkstack")
export declare function lua_checkstack(L: usize, n: i32): i32
@external("lua", "lua_createtable")
export declare function lua_createtable(L: usize, items: i32, pairs: i32): void
@external("lua", "lua_newuserdatauv")
export declare function lua_newuserdatauv(L: usize, sizeBytes: i32, userValues: i32): usize
@external("lua", "lua_pushlstring")
export declare function lua_pushlstring(L: usize, bytes: usize, length: i32): usize
@external("lua", "lua_rawset")
export declare function lua_rawset(L: usize, index: i32): void
@external("lua", "lua_rawseti")
export declare function lua_rawseti(L: usize, index: i32, n: i64): void

/** lua_State */
export const STATE_TOP: usize = 12
export const STATE_GLOBAL: usize = 16
export const STATE_CI: usize = 20

/** TValue: 8 bytes of value, then the tag. */
export const SLOT_BYTES: usize = 16
export const TAG_AT: usize = 8
export const NIL: u8 = 0x00
export const FALSE: u8 = 0x01
export const TRUE: u8 = 0x11
export const INTEGER: u8 = 0x03
export const FLOAT: u8 = 0x13
export const SHORT_STRING: u8 = 0x44
export const LONG_STRING: u8 = 0x54
/** The low four bits of a tag are the type; none is set in any kind of nil. */
export const TYPE_BITS: u8 = 0x0f

/** Every object of the collector: its type, which is a tag without the bit for being one, and its colour. */
export const OBJECT_TYPE: usize = 4
export const OBJECT_TYPE_BITS: u8 = 0x3f
export const MARKED: usize = 5
export const WHITE_BITS: u8 = 0x18
export const BLACK_BIT: u8 = 0x20

/** TString */
export const STRING_SHORT_LENGTH: usize = 7
export const STRING_HASH: usize = 8
/** Of a short string: the next one in its bucket. */
export const STRING_NEXT: usize = 12
/** Of a long string. */
export const LONG_STRING_BYTES: usize = 12
export const STRING_BYTES: usize = 16
export const MAX_SHORT_BYTES: i32 = 40

/** global_State: the table of short strings, the seed of their hashes, the white of this cycle. */
export const GLOBAL_STRINGS: usize = 24
export const GLOBAL_STRING_BUCKETS: usize = 32
export const GLOBAL_SEED: usize = 72
export const GLOBAL_WHITE: usize = 76

/** Table. Its flags: one bit for each metamethod that Lua has looked for in it in vain, and so looks for no more. */
export const TABLE_FLAGS: usize = 6
export const LACKED_METAMETHODS: u8 = 0x3f
export const TABLE_LOG2_NODES: usize = 7
export const TABLE_ARRAY_LIMIT: usize = 8
export const TABLE_ARRAY: usize = 12
export const TABLE_NODES: usize = 16
export const TABLE_LAST_FREE: usize = 20

/** Node: its value as in a TValue, the key's tag, the distance to the next node of its chain in nodes, the key. */
export const NODE_BYTES: usize = 24
export const NODE_KEY_TAG: usize = 9
export const NODE_NEXT: usize = 12
export const NODE_KEY: usize = 16

@inline
export function push(L: usize, bits: u64, tag: u8): void {
  const top = load<usize>(L, STATE_TOP)
  store<u64>(top, bits)
  store<u8>(top, tag, TAG_AT)
  store<usize>(L, top + SLOT_BYTES, STATE_TOP)
}

@inline
export function drop(L: usize, slots: usize): void {
  store<usize>(L, load<usize>(L, STATE_TOP) - slots * SLOT_BYTES, STATE_TOP)
}

/** The piece of VM memory that is free for everybody's use. */
export const SCRATCH_BYTES: usize = 4096
