// Text ↔ UTF-8 bytes by Node's native methods, which also work on views over shared memory.
//
// Buffer's own `toString` and `write` look the encoding up at each call and exist on Buffers only; the methods
// underneath take any Uint8Array as `this`.

import { Buffer, isUtf8 } from 'node:buffer'

interface NativeText {
  utf8Slice(start: number, end: number): string
  latin1Slice(start: number, end: number): string
  utf8Write(text: string, offset: number, sizeBytes: number): number
}

const native = Buffer.prototype as unknown as NativeText

/** The text of these bytes, or undefined where they are no valid UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = native.utf8Slice.call(bytes, start, end)
  // Each malformed byte became U+FFFD; only then is it worth asking whether one stood there before.
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) return undefined
  return text
}

/** Bytes as characters of the same number. */
export function readLatin1(bytes: Uint8Array, start: number, end: number): string {
  return native.latin1Slice.call(bytes, start, end)
}

/** Writes text of `sizeBytes` bytes in UTF-8; lone surrogates must have been refused before. */
export function writeUtf8(text: string, bytes: Uint8Array, offset: number, sizeBytes: number): void {
  native.utf8Write.call(bytes, text, offset, sizeBytes)
}

export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8')
}

/** False for text with a lone surrogate, which UTF-8 cannot hold. */
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}
