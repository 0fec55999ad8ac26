// The payload of `put`, as it lies in the outbox. Main applies it; until then its worker reads it in place.
//
//   byte 0   f64 expiresAtMs
//   byte 8   u32 key bytes
//   byte 12  0
//   byte 16  the key, filled up with zeros to a multiple of 8
//            the encoded value
//
// A record's payload begins at a multiple of 8, so key and value begin at whole words: both sides copy by words.

import type { ByteWriter } from './byte-writer.js'
import { type HashedKey, wordsFor } from './key-hash.js'

const KEY_BYTES_AT = 8
export const PUT_KEY_AT = 16
const SHORT_VALUE_BYTES = 12

/** Where the value of a put begins, behind its key. */
export function putValueAt(keyBytes: number): number {
  return PUT_KEY_AT + ((keyBytes + 7) & ~7)
}

/** Worker: everything but the value, which the encoder appends, or `endPut`. */
export function beginPut(record: ByteWriter, expiresAtMs: number, key: HashedKey): void {
  const valueAt = putValueAt(key.bytes)
  record.length = 0
  record.reserve(valueAt)
  const { view } = record
  const words = wordsFor(key.bytes)
  // Before the key, whose last words it may be.
  view.setFloat64(valueAt - 8, 0, true)
  view.setFloat64(0, expiresAtMs, true)
  view.setUint32(KEY_BYTES_AT, key.bytes, true)
  view.setUint32(KEY_BYTES_AT + 4, 0, true)
  for (let n = 0; n < words; n++) view.setInt32(PUT_KEY_AT + 4 * n, key.words[n] as number, true)
  record.length = valueAt
}

/** Worker: the value, where it is so short that it lies in three words; `beginPut` comes before. */
export function endPut(record: ByteWriter, valueBytes: number, v0: number, v1: number, v2: number): void {
  record.reserve(SHORT_VALUE_BYTES)
  const { words, length } = record
  const at = length >>> 2
  words[at] = v0
  words[at + 1] = v1
  words[at + 2] = v2
  record.length = length + valueBytes
}

export function putKeyBytes(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + KEY_BYTES_AT)
}

export function putExpiresAtMs(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at)
}
