// Messages over a ring: of any size, cut into chunks by the writer and put together by the reader.
//
// Ownership: an assembler belongs to the reading thread. A message that came in one record is seen in place, inside the
// ring, and is gone with `release`; one that came in chunks is collected in memory of the reader.

import { copyBytes } from './copy-bytes.js'
import { CHUNK_FIRST, CHUNK_LAST, type RingReader, type RingWriter } from './ring.js'

/**
 * Sends as much of a message as fits, beginning at `sentBytes` and not beyond `upToBytes`. Returns how much of it is out
 * now, or SENT after the last chunk. Every record leaves `reserveBytes` of the ring free.
 */
export function sendChunks(
  ring: RingWriter,
  message: OutgoingMessage,
  sentBytes: number,
  reserveBytes: number,
  upToBytes: number = message.lengthBytes,
): number {
  const { bytes, lengthBytes } = message
  let sent = sentBytes
  do {
    const chunkBytes = Math.min(upToBytes - sent, ring.maxPayloadBytes)
    if (!ring.fits(chunkBytes, reserveBytes)) return sent
    const isLast = sent + chunkBytes === lengthBytes
    const flags = message.flags | (sent === 0 ? CHUNK_FIRST : 0) | (isLast ? CHUNK_LAST : 0)
    ring.append(message.operation, flags, message.runId, message.callId, lengthBytes, bytes, sent, chunkBytes)
    sent += chunkBytes
    if (isLast) return SENT
  } while (sent < upToBytes)
  return sent
}

/** What `sendChunks` returns once the last chunk is out; a count would not tell an empty message from an unsent one. */
export const SENT = -1

export interface OutgoingMessage {
  readonly operation: number
  readonly flags: number
  readonly runId: number
  readonly callId: number
  readonly bytes: Uint8Array
  readonly lengthBytes: number
}

/** Puts the chunks of one ring together. Fields describe the message that `next` found. */
export class MessageReader {
  /** The payload lies in `bytes` from `at`, `lengthBytes` long; valid until the next `next` or `release`. */
  bytes: Buffer
  /** `bytes` by words. The payload begins at a whole one. */
  words: Uint32Array
  at = 0
  lengthBytes = 0
  readonly ring: RingReader
  #partial: Buffer | undefined
  #partialBytes = 0

  constructor(ring: RingReader) {
    this.ring = ring
    this.bytes = ring.data
    this.words = ring.dataWords
  }

  /** Steps to the next whole message; false when there is none yet. Header fields are those of `ring`. */
  next(): boolean {
    while (this.ring.next()) {
      const { flags, payloadAt, payloadBytes, data, dataWords, totalBytes } = this.ring
      if ((flags & (CHUNK_FIRST | CHUNK_LAST)) === (CHUNK_FIRST | CHUNK_LAST)) {
        this.bytes = data
        this.words = dataWords
        this.at = payloadAt
        this.lengthBytes = payloadBytes
        return true
      }
      if (flags & CHUNK_FIRST) {
        this.#partial = Buffer.allocUnsafeSlow(Math.ceil(totalBytes / 8) * 8)
        this.#partialBytes = 0
      }
      const partial = this.#partial as Buffer
      copyBytes(partial, this.#partialBytes, data, payloadAt, payloadBytes)
      this.#partialBytes += payloadBytes
      if (flags & CHUNK_LAST) {
        this.bytes = partial
        this.words = new Uint32Array(partial.buffer)
        this.at = 0
        this.lengthBytes = this.#partialBytes
        this.#partial = undefined
        return true
      }
    }
    return false
  }
}
