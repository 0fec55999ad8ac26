// A byte ring between two threads: one writes, one reads. Outboxes and replies rings are made of it.
//
//   byte 0     tail     u32  next byte to be written; stored by the writer only
//   byte 64    head     u32  next byte to be read; stored by the reader only
//   byte 128   wanted   u32  1 while the writer waits for room; stored by both
//   byte 192   data     capacity bytes, a power of two
//
// head and tail count bytes since the beginning and wrap at 2^32; a place in the data is count & (capacity - 1).
// A record lies in one piece, at a multiple of 8, and never across the end: what is left there is a pad record.
//
//   word 0  size of the whole record, a multiple of 8
//   word 1  operation (8 bits) | flags (8 bits) << 8
//   word 2  run id
//   word 3  call id
//   word 4  payload bytes of the whole message (all chunks)
//   word 5  payload bytes of this record
//   byte 24 payload
//
// A message larger than a record goes as several, CHUNK_FIRST … CHUNK_LAST, with nothing of another message between.
//
// Why nothing is torn or lost: the writer fills bytes that the reader has given back (its load of `head` is ordered
// before its stores into them, and the reader stored `head` after its last read of them), and its store of `tail`, the
// last of a record, makes them visible: the reader loads `tail` first. Both are sequentially consistent atomics, which
// order the plain accesses around them in one direction: enough, since neither side ever touches bytes it does not
// own. `appendWhole` stores `tail` plainly where that is a release anyway (fence.ts): an atomic store waits there until this
// core has taken the record's lines from the reader's. A writer that dies leaves `tail` before or after a whole record; a message whose CHUNK_LAST is missing is
// dropped by the reader.

import { RING_RECORD_PART } from '../limits.js'
import type { ByteWriter } from './byte-writer.js'
import { copyBytes } from './copy-bytes.js'
import { REORDERS } from './fence.js'

const TAIL = 0
const HEAD = 16
const WANTED = 32
const DATA_BYTES = 192
const HEADER_BYTES = 24
const PAD = 0

export const CHUNK_FIRST = 1
export const CHUNK_LAST = 2
/** Free for the ring's user: an outbox does not use it, a reply says by it that it carries nothing. */
export const FLAG_EMPTY = 4

/** Shared memory for a ring. `start` is the first byte count: tests begin just below 2^32. */
export function createRingMemory(capacityBytes: number, start = 0): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(DATA_BYTES + capacityBytes)
  resetRing(memory, start)
  return memory
}

/** Empties a ring. Only while neither side uses it. */
export function resetRing(memory: SharedArrayBuffer, start = 0): void {
  const words = new Int32Array(memory, 0, DATA_BYTES / 4)
  Atomics.store(words, TAIL, start)
  Atomics.store(words, HEAD, start)
  Atomics.store(words, WANTED, 0)
}

const padded = (bytes: number): number => (bytes + 7) & ~7

/** The writing side. Exactly one thread holds one. */
export class RingWriter {
  readonly capacityBytes: number
  /** The largest payload of one record. */
  readonly maxPayloadBytes: number
  /** The ring's bytes: what this writer appended stays there until it is overwritten by it, after the reader read on. */
  readonly data: Uint8Array
  /** Where the payload of the last record lies in `data`. */
  payloadAt = 0
  readonly #words: Int32Array
  readonly #header: Uint32Array
  #tail: number
  /** `tail` without its wrap: positions are kept and compared long after 2^31 more bytes. */
  #position: number
  /** `head` likewise, as it was when this side last looked: it only grows, so what was free then is free. */
  #readPosition: number

  constructor(memory: SharedArrayBuffer) {
    this.capacityBytes = memory.byteLength - DATA_BYTES
    this.maxPayloadBytes = this.capacityBytes / RING_RECORD_PART - HEADER_BYTES
    this.#words = new Int32Array(memory, 0, DATA_BYTES / 4)
    this.#header = new Uint32Array(memory, DATA_BYTES)
    this.data = new Uint8Array(memory, DATA_BYTES)
    this.#tail = Atomics.load(this.#words, TAIL) >>> 0
    this.#position = this.#tail
    this.#readPosition = this.#position
    this.look()
  }

  /** Bytes written, never less than before: a record was appended earlier than another when its position is less. */
  get position(): number {
    return this.#position
  }

  /** Whether a record with this payload fits now and still leaves `reserveBytes` free. */
  fits(payloadBytes: number, reserveBytes: number): boolean {
    const needed = this.#spanBytes(payloadBytes) + reserveBytes
    if (this.capacityBytes - (this.#position - this.#readPosition) >= needed) return true
    this.look()
    return this.capacityBytes - (this.#position - this.#readPosition) >= needed
  }

  /** Looks anew how far the other side has read. */
  look(): void {
    this.#readPosition = this.#position - ((this.#tail - Atomics.load(this.#words, HEAD)) >>> 0)
  }

  /** Whether the other side had read up to this position when this side last looked. */
  hasBeenRead(position: number): boolean {
    return position <= this.#readPosition
  }

  /** Tells the reader that room is waited for. Look at `fits` again afterwards, then sleep. */
  wantRoom(): void {
    Atomics.store(this.#words, WANTED, 1)
  }

  /** Appends one record; `fits` must have said yes. `source` is copied from `from`. */
  append(
    operation: number,
    flags: number,
    runId: number,
    callId: number,
    totalBytes: number,
    source: Uint8Array,
    from: number,
    payloadBytes: number,
  ): void {
    const at = this.#begin(operation, flags, runId, callId, totalBytes, payloadBytes)
    copyBytes(this.data, at, source, from, payloadBytes)
    this.#advance(payloadBytes)
    Atomics.store(this.#words, TAIL, this.#tail)
  }

  /**
   * A whole message in one record, out of memory seen by words as well as by bytes; `fits` must have said yes. Who looks
   * afterwards whether the reader sleeps needs an atomic operation in between.
   */
  appendWhole(operation: number, runId: number, source: ByteWriter): void {
    const { length, words } = source
    const at = this.#begin(operation, CHUNK_FIRST | CHUNK_LAST, runId, 0, length, length)
    if (length > LOOP_BYTES) copyBytes(this.data, at, source.bytes, 0, length)
    else {
      const count = (length + 3) >>> 2
      // What the last word holds beyond the payload is padding, and this writer's own.
      for (let n = 0; n < count; n++) this.#header[(at >> 2) + n] = words[n] as number
    }
    this.#advance(length)
    if (REORDERS) Atomics.store(this.#words, TAIL, this.#tail)
    else this.#words[TAIL] = this.#tail
  }

  /** Writes a record's header, and gives where its payload begins. */
  #begin(
    operation: number,
    flags: number,
    runId: number,
    callId: number,
    totalBytes: number,
    payloadBytes: number,
  ): number {
    const sizeBytes = padded(HEADER_BYTES + payloadBytes)
    let at = this.#tail & (this.capacityBytes - 1)
    const left = this.capacityBytes - at
    if (left < sizeBytes) {
      this.#header[at >> 2] = left
      this.#header[(at >> 2) + 1] = PAD
      this.#tail = (this.#tail + left) >>> 0
      this.#position += left
      at = 0
    }
    const word = at >> 2
    this.#header[word] = sizeBytes
    this.#header[word + 1] = operation | (flags << 8)
    this.#header[word + 2] = runId
    this.#header[word + 3] = callId
    this.#header[word + 4] = totalBytes
    this.#header[word + 5] = payloadBytes
    this.payloadAt = at + HEADER_BYTES
    return this.payloadAt
  }

  #advance(payloadBytes: number): void {
    const sizeBytes = padded(HEADER_BYTES + payloadBytes)
    this.#tail = (this.#tail + sizeBytes) >>> 0
    this.#position += sizeBytes
  }

  #spanBytes(payloadBytes: number): number {
    const sizeBytes = padded(HEADER_BYTES + payloadBytes)
    const left = this.capacityBytes - (this.#tail & (this.capacityBytes - 1))
    return left < sizeBytes ? left + sizeBytes : sizeBytes
  }
}

/** A loop over words beats a copy up to this. */
const LOOP_BYTES = 256

/** The reading side. Exactly one thread holds one. Fields describe the record that `next` found. */
export class RingReader {
  operation = 0
  flags = 0
  runId = 0
  callId = 0
  totalBytes = 0
  payloadBytes = 0
  /** Where the payload begins in `data`; valid until `release`. */
  payloadAt = 0
  readonly data: Buffer
  /** `data` by words. */
  readonly dataWords: Uint32Array
  readonly #words: Int32Array
  readonly #mask: number
  #head: number
  #tailSeen: number
  #released: number

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, DATA_BYTES / 4)
    this.dataWords = new Uint32Array(memory, DATA_BYTES)
    this.data = Buffer.from(memory, DATA_BYTES)
    this.#mask = this.data.length - 1
    this.#head = Atomics.load(this.#words, HEAD) >>> 0
    this.#tailSeen = this.#head
    this.#released = this.#head
  }

  /** Whether a record waits. */
  hasNext(): boolean {
    return this.#head !== this.#tailSeen || this.#head !== Atomics.load(this.#words, TAIL) >>> 0
  }

  /** Steps to the next record and reads its header; false when there is none. */
  next(): boolean {
    for (;;) {
      if (this.#head === this.#tailSeen) {
        this.#tailSeen = Atomics.load(this.#words, TAIL) >>> 0
        if (this.#head === this.#tailSeen) return false
      }
      const at = this.#head & this.#mask
      const word = at >> 2
      this.#head = (this.#head + (this.dataWords[word] as number)) >>> 0
      const operationAndFlags = this.dataWords[word + 1] as number
      if (operationAndFlags === PAD) continue
      this.operation = operationAndFlags & 0xff
      this.flags = (operationAndFlags >> 8) & 0xff
      this.runId = this.dataWords[word + 2] as number
      this.callId = this.dataWords[word + 3] as number
      this.totalBytes = this.dataWords[word + 4] as number
      this.payloadBytes = this.dataWords[word + 5] as number
      this.payloadAt = at + HEADER_BYTES
      return true
    }
  }

  /** Gives back everything up to the current record. True when the writer waits for room: wake it. */
  release(): boolean {
    if (this.#released === this.#head) return false
    this.#released = this.#head
    Atomics.store(this.#words, HEAD, this.#head)
    return Atomics.load(this.#words, WANTED) === 1 && Atomics.exchange(this.#words, WANTED, 0) === 1
  }
}
