// A growable run of bytes that is filled from the front and used again and again. Little-endian.
//
// Whoever owns a writer sets `length` to 0 before each use and copies out (or consumes) what it wrote before the
// next one. `bytes`, `view` and `words` are remade when the room grows: read the fields anew after every write.

const SMALLEST_BYTES = 64
/** Beyond this a typed array cannot be made on every platform that Node runs on. */
const LARGEST_BYTES = 2 ** 32 - 1

export class ByteWriter {
  /** The whole backing array; only the first `length` bytes mean anything. */
  bytes: Uint8Array
  view: DataView
  /** The same by words, as far as there are whole ones. */
  words: Uint32Array
  /** Bytes written. May be set back to drop what was written last, never forward. */
  length = 0
  /** True while `encodeValue` walks a value into this writer: user code (getters, proxies) may run then. */
  inUse = false
  /** Set when somebody tried to use this writer while it was in use; what it holds is worthless then. */
  spoiled = false

  constructor(initialBytes = 256) {
    this.bytes = new Uint8Array(new ArrayBuffer(wholeWords(Math.max(initialBytes, SMALLEST_BYTES))))
    this.view = new DataView(this.bytes.buffer)
    this.words = wordsOf(this.bytes)
  }

  /** Makes sure that `sizeBytes` more bytes fit; writes nothing. */
  reserve(sizeBytes: number): void {
    if (this.length + sizeBytes > this.bytes.length) this.#grow(this.length + sizeBytes)
  }

  #grow(neededBytes: number): void {
    if (neededBytes > LARGEST_BYTES) throw new RangeError(`${neededBytes} bytes do not fit one buffer`)
    const sizeBytes = wholeWords(Math.max(neededBytes, this.bytes.length * 2))
    const grown = new Uint8Array(new ArrayBuffer(Math.min(LARGEST_BYTES, sizeBytes)))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
    this.words = wordsOf(grown)
  }

  u8(n: number): void {
    this.reserve(1)
    this.bytes[this.length++] = n
  }

  u32(n: number): void {
    this.reserve(4)
    this.view.setUint32(this.length, n, true)
    this.length += 4
  }

  i32(n: number): void {
    this.reserve(4)
    this.view.setInt32(this.length, n, true)
    this.length += 4
  }

  i64(n: bigint): void {
    this.reserve(8)
    this.view.setBigInt64(this.length, n, true)
    this.length += 8
  }

  f64(n: number): void {
    this.reserve(8)
    this.view.setFloat64(this.length, n, true)
    this.length += 8
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Overwrites one byte that was written before. */
  patchU8(at: number, n: number): void {
    if (at < 0 || at + 1 > this.length) throw new RangeError(`byte ${at} is not written yet`)
    this.bytes[at] = n
  }

  /** Overwrites four bytes that were written before. */
  patchU32(at: number, n: number): void {
    if (at < 0 || at + 4 > this.length) throw new RangeError(`bytes from ${at} are not written yet`)
    this.view.setUint32(at, n, true)
  }

  /** A copy of what was written, or of a part of it. */
  slice(from = 0, to: number = this.length): Uint8Array {
    return this.bytes.slice(from, Math.min(to, this.length))
  }
}

/** So that every byte is in a word. (The largest writer of all has no word for its last bytes.) */
function wholeWords(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 4) * 4
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, 0, bytes.length >>> 2)
}
