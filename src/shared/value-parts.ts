// Writes the parts of the value format (value-format.ts) for both encoders: the one that walks host values and the one
// that walks the Lua stack. Sizes are the callers' business: they check what was written against their limit.

import type { ByteWriter } from './byte-writer.js'
import * as format from './value-format.js'

// V8 folds the constants of a module into its code, but loads imported ones at each use.
const { MAX_SHORT_STRING_BYTES, MAX_SMALL_COUNT, TAG_FALSE, TAG_FLOAT, TAG_INT32, TAG_INT64 } = format
const { TAG_SHORT_STRING, TAG_STRING, TAG_TABLE, TAG_TABLE_SMALL, TAG_TRUE } = format

const TWO_32 = 2 ** 32
/** No scalar takes more; encoders that check after writing overshoot their limit by this at most. */
const LARGEST_SCALAR_BYTES = 9
const SMALL_HEADER_BYTES = 3
const LARGE_HEADER_BYTES = 9

export function writeTag(out: ByteWriter, tag: number): void {
  out.reserve(1)
  out.bytes[out.length++] = tag
}

export function writeBoolean(out: ByteWriter, value: boolean): void {
  writeTag(out, value ? TAG_TRUE : TAG_FALSE)
}

/** `value` is a safe integer. */
export function writeInteger(out: ByteWriter, value: number): void {
  out.reserve(LARGEST_SCALAR_BYTES)
  const at = out.length
  const small = value | 0
  if (small === value) {
    out.bytes[at] = TAG_INT32
    out.view.setInt32(at + 1, small, true)
    out.length = at + 5
    return
  }
  out.bytes[at] = TAG_INT64
  out.view.setUint32(at + 1, value >>> 0, true)
  out.view.setInt32(at + 5, Math.floor(value / TWO_32), true)
  out.length = at + 9
}

/** `value` fits 64 bits. */
export function writeBigInteger(out: ByteWriter, value: bigint): void {
  const number = Number(value)
  if (Number.isSafeInteger(number)) {
    writeInteger(out, number)
    return
  }
  writeTag(out, TAG_INT64)
  out.i64(value)
}

export function writeFloat(out: ByteWriter, value: number): void {
  out.reserve(LARGEST_SCALAR_BYTES)
  out.bytes[out.length] = TAG_FLOAT
  out.view.setFloat64(out.length + 1, value, true)
  out.length += 9
}

/** What tag and length take in front of a string. */
export function stringHeaderBytes(sizeBytes: number): number {
  return sizeBytes <= MAX_SHORT_STRING_BYTES ? 1 : 5
}

/** Writes tag and length of a string and makes room for its bytes. */
export function writeStringHeader(out: ByteWriter, sizeBytes: number): void {
  out.reserve(5 + sizeBytes)
  if (sizeBytes <= MAX_SHORT_STRING_BYTES) {
    out.bytes[out.length++] = TAG_SHORT_STRING + sizeBytes
    return
  }
  out.u8(TAG_STRING)
  out.u32(sizeBytes)
}

/** Writes a table's head; `closeTable` puts the numbers in. It costs less if `isLarge` says whether one exceeds 255. */
export function openTable(out: ByteWriter, isLarge: boolean): number {
  out.reserve(LARGE_HEADER_BYTES)
  const at = out.length
  out.bytes[at] = isLarge ? TAG_TABLE : TAG_TABLE_SMALL
  out.length = at + (isLarge ? LARGE_HEADER_BYTES : SMALL_HEADER_BYTES)
  return at
}

/** Completes the head at `at` once everything behind it is written; makes it larger if it has to. */
export function closeTable(out: ByteWriter, at: number, items: number, pairs: number): void {
  const isLarge = out.bytes[at] === TAG_TABLE
  if (!isLarge && items <= MAX_SMALL_COUNT && pairs <= MAX_SMALL_COUNT) {
    out.bytes[at + 1] = items
    out.bytes[at + 2] = pairs
    return
  }
  if (!isLarge) {
    const moreBytes = LARGE_HEADER_BYTES - SMALL_HEADER_BYTES
    out.reserve(moreBytes)
    out.bytes.copyWithin(at + LARGE_HEADER_BYTES, at + SMALL_HEADER_BYTES, out.length)
    out.length += moreBytes
    out.bytes[at] = TAG_TABLE
  }
  out.patchU32(at + 1, items)
  out.patchU32(at + 5, pairs)
}
