// Where this one Lua binary keeps what the value codec reads and writes directly (wasm.ts checks its digest). 32-bit
// pointers, little-endian.
//
//   lua_State   +12  top: address behind the last TValue of the stack
//   TValue      +0   value: 8 bytes, or a pointer in the first 4      +8   u8 tag     16 bytes in all
//   TString     +7   u8 length of a short one    +12  u32 length of a long one    +16  bytes
//   Table       +7   u8 log2 of the hash part's size     +8   u32 size of the array part
//
// Calls into wasm cost more than the work behind them here. Everything read from VM memory is a script's to damage, so
// whoever uses an address or a length checks it against the memory's size first; reads outside give undefined.

export const TOP_OFFSET = 12
export const TVALUE_BYTES = 16
export const TAG_OFFSET = 8
export const SHORT_LENGTH_OFFSET = 7
export const LONG_LENGTH_OFFSET = 12
export const STRING_BYTES_OFFSET = 16
export const LOG2_HASH_OFFSET = 7
export const ARRAY_SIZE_OFFSET = 8

export const LUA_NIL = 0x00
export const LUA_FALSE = 0x01
export const LUA_TRUE = 0x11
export const LUA_INTEGER = 0x03
export const LUA_FLOAT = 0x13
export const LUA_SHORT_STRING = 0x44
export const LUA_LONG_STRING = 0x54
export const LUA_TABLE = 0x45

/** The low four bits of a tag are the type that Lua's `type` names. */
const TYPE_NAMES = [
  'nil',
  'boolean',
  'userdata',
  'number',
  'string',
  'table',
  'function',
  'userdata',
  'thread',
]

export function typeNameOf(tag: number): string {
  return TYPE_NAMES[tag & 0x0f] ?? 'value of no type'
}
