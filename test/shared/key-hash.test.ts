import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HashedKey, type HashSecret, hashSecret } from '../../src/shared/key-hash.js'

function hashKey(secret: HashSecret, incarnation: number, key: Uint8Array): number {
  const hashed = new HashedKey(secret, key.length)
  hashed.setBytes(incarnation, key)
  return hashed.hash
}

const rotate = (n: number, by: number): number => (n << by) | (n >>> (32 - by))

/** HalfSipHash-c-d as its authors wrote it, slow and plain. */
function reference(rounds: number, finalRounds: number, key: Uint8Array, message: Uint8Array): number {
  const { k0, k1 } = hashSecret(key)
  const v: [number, number, number, number] = [k0, k1, 0x6c796765 ^ k0, 0x74656462 ^ k1]
  const round = (): void => {
    v[0] = (v[0] + v[1]) | 0
    v[1] = rotate(v[1], 5) ^ v[0]
    v[0] = rotate(v[0], 16)
    v[2] = (v[2] + v[3]) | 0
    v[3] = rotate(v[3], 8) ^ v[2]
    v[0] = (v[0] + v[3]) | 0
    v[3] = rotate(v[3], 7) ^ v[0]
    v[2] = (v[2] + v[1]) | 0
    v[1] = rotate(v[1], 13) ^ v[2]
    v[2] = rotate(v[2], 16)
  }
  const padded = Buffer.alloc((message.length & ~3) + 4)
  padded.set(message)
  padded[padded.length - 1] = message.length
  for (let at = 0; at < padded.length; at += 4) {
    const word = padded.readInt32LE(at)
    v[3] ^= word
    for (let n = 0; n < rounds; n++) round()
    v[0] ^= word
  }
  v[2] ^= 0xff
  for (let n = 0; n < finalRounds; n++) round()
  return v[1] ^ v[3]
}

test('the reference gives the published HalfSipHash-2-4 values', () => {
  const key = Uint8Array.from({ length: 8 }, (_, n) => n)
  const hashes = [0, 1, 2].map((length) => {
    const out = Buffer.alloc(4)
    out.writeInt32LE(
      reference(
        2,
        4,
        key,
        Uint8Array.from({ length }, (_, n) => n),
      ),
    )
    return out.toString('hex')
  })
  assert.deepEqual(hashes, ['a9359f5b', '27475ab8', 'fa62a603'])
})

test('the hash is HalfSipHash-1-3 of incarnation and key, wherever the bytes lie', () => {
  const anySecret = fc.uint8Array({ minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(
      anySecret,
      fc.nat({ max: 0xffff_ffff }),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat({ max: 7 }),
      (random, incarnation, key, offset) => {
        const message = Buffer.alloc(4 + key.length)
        message.writeUInt32LE(incarnation)
        message.set(key, 4)
        const shared = new Uint8Array(new SharedArrayBuffer(320)).subarray(offset, offset + key.length)
        shared.set(key)
        const secret = hashSecret(random)
        const hash = hashKey(secret, incarnation, shared)
        assert.equal(hash, reference(1, 3, random, message) || 1)
        assert.equal(hash, hashKey(secret, incarnation, key))
        assertSameInWords(secret, incarnation, key, offset)
      },
    ),
  )
})

function assertSameInWords(secret: HashSecret, incarnation: number, key: Uint8Array, word: number): void {
  // What lies round the key in memory is not part of it.
  const memory = new Uint32Array(96).fill(0xdead_beef)
  new Uint8Array(memory.buffer).set(key, word * 4)
  const [inBytes, inWords] = [new HashedKey(secret, 300), new HashedKey(secret, 300)]
  inBytes.setBytes(incarnation, key)
  inWords.setWords(incarnation, memory, word, key.length)
  assert.deepEqual(inWords, inBytes)
}

test('another secret, another order: keys that share a bucket do not share it elsewhere', () => {
  const [one, other] = [1, 2].map((n) => hashSecret(new Uint8Array(8).fill(n)))
  assert.ok(one && other)
  const bucket = (secret: typeof one, n: number): number => hashKey(secret, 7, Buffer.from(`key:${n}`)) & 1023
  const together = Array.from({ length: 200_000 }, (_, n) => n).filter((n) => bucket(one, n) === 0)
  assert.ok(together.length > 100)
  assert.ok(new Set(together.map((n) => bucket(other, n))).size > together.length / 2)
})
