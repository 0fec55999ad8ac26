// Where Lua keeps what the value codec reads and writes directly: the offsets of layout.ts under the names that the codec
// uses, and those of tables. 32-bit pointers, little-endian.
//
//   lua_State   +12  top: address behind the last TValue of the stack     +20  ci
//   CallInfo    +0   address of the function's TValue; its arguments and locals follow
//   TValue      +0   value: 8 bytes, or a pointer in the first 4      +8   u8 tag     16 bytes in all
//   TString     +7   u8 length of a short one    +12  u32 length of a long one    +16  bytes
//   Table       +6   u8 flags     +7   u8 log2 of the hash part's size     +8   u32 array limit
//               +12  address of the array part: TValues                    +16  address of the hash part: nodes
//   Node        +0   value as in a TValue    +8   u8 its tag    +9   u8 the key's tag    +16  the key    24 bytes in all
//
// Everything read from VM memory is a script's to damage by a bug of Lua: whoever uses an address or a length checks it
// against the memory's size first. Reads outside give undefined, writes outside do nothing.

import {
  STATE,
  STRING_HEADER_BYTES,
  STRING_SHORT_LENGTH,
  TAG_FALSE,
  TAG_FLOAT,
  TAG_INTEGER,
  TAG_LONG_STRING,
  TAG_SHORT_STRING,
  TAG_TRUE,
  TVALUE_BYTES,
  TVALUE_TAG,
} from './layout.js'

export const TOP_OFFSET: number = STATE.top
export const CI_OFFSET: number = STATE.ci
export const SLOT_BYTES: number = TVALUE_BYTES
export const TAG_OFFSET: number = TVALUE_TAG
export const SHORT_LENGTH_OFFSET: number = STRING_SHORT_LENGTH
export const LONG_LENGTH_OFFSET = 12
export const STRING_BYTES_OFFSET: number = STRING_HEADER_BYTES
export const FLAGS_OFFSET = 6
export const LOG2_HASH_OFFSET = 7
export const ARRAY_LIMIT_OFFSET = 8
export const ARRAY_OFFSET = 12
export const HASH_OFFSET = 16
export const NODE_BYTES = 24
export const NODE_KEY_TAG_OFFSET = 9
export const NODE_KEY_OFFSET = 16
/** In a table's flags: the array limit is a hint, the array's size the next power of two. */
export const LIMIT_IS_HINT = 0x80

export const LUA_NIL = 0x00
export const LUA_FALSE: number = TAG_FALSE
export const LUA_TRUE: number = TAG_TRUE
export const LUA_INTEGER: number = TAG_INTEGER
export const LUA_FLOAT: number = TAG_FLOAT
export const LUA_SHORT_STRING: number = TAG_SHORT_STRING
export const LUA_LONG_STRING: number = TAG_LONG_STRING
export const LUA_TABLE = 0x45
/** The low four bits of a tag are the type that Lua's `type` names; none is set in any kind of nil. */
export const TYPE_BITS = 0x0f

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
  return TYPE_NAMES[tag & TYPE_BITS] ?? 'value of no type'
}
