// A Lua-representable value ↔ bytes. The one format for cache values, arguments, results and errors. Little-endian.
//
//   tag        payload
//   0x00       nil
//   0x01 0x02  false, true
//   0x03       integer that fits 32 bits      i32
//   0x04       any other integer              i64
//   0x05       float                          f64 (bits kept: NaN, -0.0)
//   0x06       string of 128 bytes and more   u32 length, bytes
//   0x07       table                          u8 items, u8 pairs, items…, (key value)…
//   0x08       table                          u32 items, u32 pairs, items…, (key value)…
//   0x80…0xff  string of 0…127 bytes          bytes; the length is tag - 0x80
//
// items are the values at keys 1…n (nil where there is a hole), pairs everything else. A key is a string, an integer,
// a float or a boolean, never nil or NaN. A reader trusts no length: it checks each against the bytes that are left.
// Every item takes a byte or more and every pair two, so all tables of a value together hold no more elements than
// the value has bytes: readers keep that budget, and no count makes them reserve more than a multiple of their input.

export const TAG_NIL = 0x00
export const TAG_FALSE = 0x01
export const TAG_TRUE = 0x02
export const TAG_INT32 = 0x03
export const TAG_INT64 = 0x04
export const TAG_FLOAT = 0x05
export const TAG_STRING = 0x06
export const TAG_TABLE_SMALL = 0x07
export const TAG_TABLE = 0x08
export const TAG_SHORT_STRING = 0x80
export const MAX_SHORT_STRING_BYTES = 127
export const MAX_SMALL_COUNT = 255

/** Where a reader stands; moved behind the value that it read. */
export interface Cursor {
  offset: number
}

/** A table key as the host sees it: bytes only where they are no valid UTF-8, bigint only beyond ±2^53. */
export type LuaKey = string | number | bigint | boolean | Uint8Array

/** What the host gets from Lua. Tables: array (keys exactly 1…n), object (text keys only, or empty), else Map. */
export type LuaValue =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | LuaValue[]
  | { [key: string]: LuaValue }
  | Map<LuaKey, LuaValue>

/** What the host may give to Lua. */
export type LuaInput =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly LuaInput[]
  | { readonly [key: string]: LuaInput }
  | ReadonlyMap<string | number | bigint | boolean, LuaInput>

/** Bytes that no writer of this format made: damaged, cut off, or hostile. Nothing of the value was used. */
export class DamagedValueError extends Error {
  override readonly name: string = 'DamagedValueError'

  constructor(what: string, offset: number) {
    super(`damaged value: ${what} at byte ${offset}`)
  }
}
