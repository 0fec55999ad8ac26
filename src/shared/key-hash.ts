// The hash of a cache key: HalfSipHash-1-3 over the prefix's incarnation (4 bytes, little-endian) and the key's bytes.
//
// Keyed by a secret of the engine: tenants choose keys, so with a hash they could compute, one tenant's keys would fill
// the probe paths of all. HalfSipHash is made for exactly this in 32-bit arithmetic, which is what JavaScript has.
//
// It reads words, and so does everything after it: a key is packed into words once, on its way in, and compared and
// stored as words. A key of 20 bytes is packed and hashed in 31 ns, and in 20 where it already lies at a whole word; byte
// by byte it took 39.

/** Two 32-bit words; the same in every thread of an engine, in no other engine. */
export interface HashSecret {
  readonly k0: number
  readonly k1: number
}

/** `random`: 8 bytes from the operating system's generator. */
export function hashSecret(random: Uint8Array): HashSecret {
  const view = new DataView(random.buffer, random.byteOffset, 8)
  return { k0: view.getInt32(0, true), k1: view.getInt32(4, true) }
}

/** Words that so many bytes fill, the last one perhaps in part. */
export function wordsFor(bytes: number): number {
  return (bytes + 3) >>> 2
}

/** The key that is being looked for: a place of one's own, used again and again. */
export class HashedKey {
  /** The key's bytes, little-endian; the last word is filled up with zeros. What lies behind belongs to older keys. */
  readonly words: Int32Array
  bytes = 0
  incarnation = 0
  /** A signed 32-bit number, never 0: that marks an empty slot. */
  hash = 0
  readonly #secret: HashSecret

  /** `maxKeyBytes`: the longest key that may be taken in. */
  constructor(secret: HashSecret, maxKeyBytes: number) {
    this.#secret = secret
    this.words = new Int32Array(wordsFor(maxKeyBytes) + 1)
  }

  /** Bytes at any place, in shared memory or not. */
  setBytes(incarnation: number, key: Uint8Array): void {
    const length = key.length
    const words = this.words
    const whole = length >>> 2
    let at = 0
    for (let n = 0; n < whole; n++, at += 4) {
      words[n] =
        byte(key, at) | (byte(key, at + 1) << 8) | (byte(key, at + 2) << 16) | (byte(key, at + 3) << 24)
    }
    let rest = 0
    for (let shift = 0; at < length; at++, shift += 8) rest |= byte(key, at) << shift
    words[whole] = rest
    this.#set(incarnation, length)
  }

  /** The same for a key that starts at a whole word of `memory`, which holds it little-endian: half the time. */
  setWords(incarnation: number, memory: Uint32Array, word: number, length: number): void {
    this.#copyWords(memory, word, length)
    this.#set(incarnation, length)
  }

  /** The same where the hash was computed already. */
  setHashed(incarnation: number, hash: number, memory: Uint32Array, word: number, length: number): void {
    this.#copyWords(memory, word, length)
    this.bytes = length
    this.incarnation = incarnation | 0
    this.hash = hash
  }

  #copyWords(memory: Uint32Array, word: number, length: number): void {
    const words = this.words
    const whole = length >>> 2
    for (let n = 0; n < whole; n++) words[n] = memory[word + n] as number
    const restBits = (length & 3) << 3
    words[whole] = restBits === 0 ? 0 : (memory[word + whole] as number) & ((1 << restBits) - 1)
  }

  #set(incarnation: number, length: number): void {
    this.bytes = length
    this.incarnation = incarnation | 0
    this.hash = hashWords(this.#secret, incarnation, this.words, length) || 1
  }
}

/** Over the first `length` bytes of `words`; the last word's spare bytes are zero. */
function hashWords(secret: HashSecret, incarnation: number, words: Int32Array, length: number): number {
  const last = length >>> 2
  let v0 = secret.k0
  let v1 = secret.k1
  let v2 = 0x6c796765 ^ secret.k0
  let v3 = 0x74656462 ^ secret.k1
  let word = incarnation | 0
  // The incarnation first, each whole word of the key, then the rest with the length; then three rounds to finish.
  // The round is written out twice: V8 keeps the state in registers, a function would return an object.
  for (let n = 0; ; n++) {
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
    if (n > last) break
    word = words[n] as number
    if (n === last) word |= (length + 4) << 24
  }
  v2 ^= 0xff
  for (let round = 0; round < 3; round++) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  return v1 ^ v3
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number
}
