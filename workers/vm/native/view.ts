// The way to the native code that reads the view (workers/view-finder/): keys go there in registers, values come back in globals.

/** Up to so many bytes of a value are in the globals. */
export const MAX_SHORT_VALUE_BYTES: i32 = 128
/** Of an encoded value: it may have to count as missing, which is decided elsewhere. */
const TAG_NIL: u8 = 0x00

@external("view", "find")
declare function find(
  hash: i32,
  incarnation: i32,
  length: i32,
  k0: u64,
  k1: u64,
  k2: u64,
  k3: u64,
  k4: u64,
): i32
@external("view", "v0")
declare let v0: u64
@external("view", "v1")
declare let v1: u64
@external("view", "v2")
declare let v2: u64
@external("view", "v3")
declare let v3: u64
@external("view", "v4")
declare let v4: u64
@external("view", "v5")
declare let v5: u64
@external("view", "v6")
declare let v6: u64
@external("view", "v7")
declare let v7: u64
@external("view", "v8")
declare let v8: u64
@external("view", "v9")
declare let v9: u64
@external("view", "v10")
declare let v10: u64
@external("view", "v11")
declare let v11: u64
@external("view", "v12")
declare let v12: u64
@external("view", "v13")
declare let v13: u64
@external("view", "v14")
declare let v14: u64
@external("view", "v15")
declare let v15: u64

/** The `n`th 64 bits of a key, zeros behind its end. Lua's allocator gives whole 64 bits. */
@inline
function part(key: usize, length: i32, n: i32): u64 {
  const rest = length - (n << 3)
  if (rest <= 0) return 0
  const bits = load<u64>(key + (<usize>n << 3))
  return rest >= 8 ? bits : bits & ((<u64>1 << (<u64>rest << 3)) - 1)
}

/**
 * Bytes of the value; 0 when no live entry has the key, less when this cannot be told here. More than MAX_SHORT_VALUE_BYTES:
 * it is for long-value.ts. `length`: at most 40.
 */
@inline
export function findInView(hash: i32, incarnation: i32, key: usize, length: i32): i32 {
  const k0 = part(key, length, 0)
  const k1 = part(key, length, 1)
  if (length <= 16) return find(hash, incarnation, length, k0, k1, 0, 0, 0)
  return find(hash, incarnation, length, k0, k1, part(key, length, 2), part(key, length, 3), part(key, length, 4))
}

/** The first eight bytes of the value that was found. */
@inline
export function firstBytes(): u64 {
  return v0
}

/** Writes the value that was found to `at`, and zeros to whole 64 bits; false, and nothing, when it is nil. */
@inline
export function takeValue(at: usize, length: i32): bool {
  if (<u8>v0 == TAG_NIL) return false
  store<u64>(at, v0)
  if (length > 8) takeRest(at, length)
  return true
}

function takeRest(at: usize, length: i32): void {
  store<u64>(at, v1, 8)
  if (length <= 16) return
  store<u64>(at, v2, 16)
  if (length <= 24) return
  store<u64>(at, v3, 24)
  if (length <= 32) return
  store<u64>(at, v4, 32)
  if (length <= 40) return
  store<u64>(at, v5, 40)
  if (length <= 48) return
  store<u64>(at, v6, 48)
  if (length <= 56) return
  store<u64>(at, v7, 56)
  if (length <= 64) return
  store<u64>(at, v8, 64)
  if (length <= 72) return
  store<u64>(at, v9, 72)
  if (length <= 80) return
  store<u64>(at, v10, 80)
  if (length <= 88) return
  store<u64>(at, v11, 88)
  if (length <= 96) return
  store<u64>(at, v12, 96)
  if (length <= 104) return
  store<u64>(at, v13, 104)
  if (length <= 112) return
  store<u64>(at, v14, 112)
  if (length <= 120) return
  store<u64>(at, v15, 120)
}
