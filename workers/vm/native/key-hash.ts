// The hash of a cache key, as src/shared/key-hash.ts defines it: HalfSipHash-1-3 over the prefix's incarnation and the key's
// bytes, here where they lie in VM memory.

let k0: u32 = 0
let k1: u32 = 0

/** Both words of the engine's secret. */
export function setSecret(first: u32, second: u32): void {
  k0 = first
  k1 = second
}

/** Never 0: that marks an empty slot. `key` is a whole word's address, and the word its last byte lies in is readable. */
export function hashKey(incarnation: u32, key: usize, length: u32): i32 {
  let v0 = k0
  let v1 = k1
  let v2: u32 = 0x6c796765 ^ k0
  let v3: u32 = 0x74656462 ^ k1
  let word = incarnation
  const last = length >> 2
  for (let n: u32 = 0; ; n++) {
    v3 ^= word
    v0 += v1
    v1 = rotl<u32>(v1, 5) ^ v0
    v0 = rotl<u32>(v0, 16)
    v2 += v3
    v3 = rotl<u32>(v3, 8) ^ v2
    v0 += v3
    v3 = rotl<u32>(v3, 7) ^ v0
    v2 += v1
    v1 = rotl<u32>(v1, 13) ^ v2
    v2 = rotl<u32>(v2, 16)
    v0 ^= word
    if (n > last) break
    if (n < last) {
      word = load<u32>(key + (<usize>n << 2))
      continue
    }
    const restBits = (length & 3) << 3
    word = restBits == 0 ? 0 : load<u32>(key + (<usize>n << 2)) & (((<u32>1) << restBits) - 1)
    word |= (length + 4) << 24
  }
  v2 ^= 0xff
  for (let round = 0; round < 3; round++) {
    v0 += v1
    v1 = rotl<u32>(v1, 5) ^ v0
    v0 = rotl<u32>(v0, 16)
    v2 += v3
    v3 = rotl<u32>(v3, 8) ^ v2
    v0 += v3
    v3 = rotl<u32>(v3, 7) ^ v0
    v2 += v1
    v1 = rotl<u32>(v1, 13) ^ v2
    v2 = rotl<u32>(v2, 16)
  }
  const hash = <i32>(v1 ^ v3)
  return hash == 0 ? 1 : hash
}
