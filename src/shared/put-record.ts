// The payload of `put`, as it lies in the outbox. Main applies it; until then its worker reads it in place.
//
//   byte 0   f64 expiresAtMs
//   byte 8   u32 key bytes
//   byte 12  the key, then the encoded value
//
// A record's payload begins at a multiple of 8, so the key begins at a whole word.

import type { ByteWriter } from './byte-writer.js'

const KEY_BYTES_AT = 8
export const PUT_KEY_AT = 12

/** Worker: everything but the value, which the encoder appends. */
export function beginPut(
  record: ByteWriter,
  expiresAtMs: number,
  memory: Uint8Array,
  at: number,
  keyBytes: number,
): void {
  record.length = 0
  record.reserve(PUT_KEY_AT + keyBytes)
  record.f64(expiresAtMs)
  record.u32(keyBytes)
  const { bytes } = record
  for (let n = 0; n < keyBytes; n++) bytes[PUT_KEY_AT + n] = memory[at + n] as number
  record.length = PUT_KEY_AT + keyBytes
}

/** Main: where the key ends and the value begins. */
export function putKeyEnd(bytes: Buffer, at: number): number {
  return at + PUT_KEY_AT + bytes.readUInt32LE(at + KEY_BYTES_AT)
}

export function putExpiresAtMs(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at)
}
