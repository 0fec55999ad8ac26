// Finds a key in the view without JavaScript: what view-reader.ts does, for nearly every read of a script. The layout and the
// argument for it stand in src/shared/view-layout.ts. A wasm module of its own, because its memory is the view: native code
// of a VM has the VM's memory, and calls this.
//
// Key and value cross between the two memories in registers: the key as arguments, the value in globals that both modules
// have, a longer one part by part (long-value.ts). So only short keys are found here; for whatever else there is, the answer
// is ELSEWHERE, and nothing is lost but a few nanoseconds. So, too, are keys of which this worker may have a write that main
// has not applied: workers/own-writes.ts.
//
// Every load is an atomic one, by which all of them keep their order on every processor; on x64 they are plain loads. Nothing
// is stored but the mark of an entry that was found. What was loaded before the second look at the sequence may be of no one
// state: places and lengths are bounded before they are used, so that nothing traps, and the globals mean nothing until then.

import { MAX_LONG_VALUE_BYTES, noteLongValue, setFenceWord } from './long-value'

export { endParts, takePart, w0, w1, w2, w3, w4, w5, w6, w7 } from './long-value'

/** No live entry has this key. */
const MISSING: i32 = 0
/** view-reader.ts can tell. */
const ELSEWHERE: i32 = -1

/** Up to so many bytes of a value fit the globals. */
const MAX_SHORT_VALUE_BYTES: i32 = 128
/** Largest atomic load. */
const WORD_BYTES: i32 = 8
const MAX_ATTEMPTS: i32 = 256

/** Slots: as in view-layout.ts. */
const STRIPE_BITS: u32 = 6
const STRIPE_SLOTS: u32 = 64
const STRIPE_MASK: u32 = 63
const SLOT_BITS: u32 = 5
const INCARNATION: usize = 4
const KEY_BYTES: usize = 8
const VALUE_BYTES: usize = 12
const BLOCK: usize = 16
const ENTRY: usize = 20
/** Blocks: the deadline, then the key. */
const KEY_AT: i32 = 8
/** Stripe heads: sequence, overflow. */
const HEAD_BITS: u32 = 3
const OVERFLOW: usize = 4
/** Half of OWN_WRITES_BYTES. */
const OWN_WRITES_HALF: usize = 1024
const OWN_WRITES_MASK: u32 = 8191

/** The value that was found, little-endian, filled up with zeros to whole 64 bits; what lies behind means nothing. */
export let v0: u64 = 0
export let v1: u64 = 0
export let v2: u64 = 0
export let v3: u64 = 0
export let v4: u64 = 0
export let v5: u64 = 0
export let v6: u64 = 0
export let v7: u64 = 0
export let v8: u64 = 0
export let v9: u64 = 0
export let v10: u64 = 0
export let v11: u64 = 0
export let v12: u64 = 0
export let v13: u64 = 0
export let v14: u64 = 0
export let v15: u64 = 0

/** An entry whose deadline is not before is alive, whatever the clock says. */
let aliveFromMs: f64 = Infinity
/** Any key may be one that this worker wrote and main has not applied yet. */
let hasOwnWrites: bool = true
/** Which of them are, by hash: one bit each, in two halves. This thread's own memory. */
let newerWrites: usize = 0
let olderWrites: usize = 0

/** Bytes of the long value that was found last. Who takes it looks at them first: see workers/vm/native/long-value.ts. */
export let longBytes: u64 = 0

let spread: u32 = 0
let stripesByPart: u32 = 0
let slots: usize = 0
let marks: usize = 0
let entries: u32 = 0
let arena: usize = 0
let arenaBytes: usize = 0

/** Where the view's parts lie; `stripeSpread` as of view-layout.ts. */
export function setView(
  stripes: u32,
  stripeSpread: u32,
  slotsAt: usize,
  marksAt: usize,
  maxEntries: u32,
  arenaAt: usize,
  sizeBytes: usize,
  ownWritesAt: usize,
): void {
  spread = stripeSpread
  stripesByPart = stripes >> stripeSpread
  slots = slotsAt
  marks = marksAt
  entries = maxEntries
  arena = arenaAt
  arenaBytes = sizeBytes
  newerWrites = ownWritesAt
  olderWrites = ownWritesAt + OWN_WRITES_HALF
  setFenceWord(ownWritesAt)
  memory.fill(newerWrites, 0, 2 * OWN_WRITES_HALF)
}

/** As of run-clock.ts. */
export function beginRun(isAliveFromMs: f64): void {
  aliveFromMs = isAliveFromMs
}

/** While there are, the overlay comes first for all keys. */
export function noteOwnWrites(areThere: bool): void {
  hasOwnWrites = areThere
}

/** From now on the overlay comes first for keys of this hash. */
export function noteOwnWrite(hash: i32): void {
  const bit = <u32>hash & OWN_WRITES_MASK
  const at = newerWrites + <usize>(bit >> 3)
  store<u8>(at, load<u8>(at) | (<u32>1 << (bit & 7)))
}

/** What was noted before the last call of this is forgotten. */
export function forgetOlderWrites(): void {
  const older = olderWrites
  olderWrites = newerWrites
  newerWrites = older
  memory.fill(older, 0, OWN_WRITES_HALF)
}

@inline
function isOwnWrite(hash: i32): bool {
  const bit = <u32>hash & OWN_WRITES_MASK
  const at = <usize>(bit >> 3)
  return (((<u32>load<u8>(newerWrites + at) | <u32>load<u8>(olderWrites + at)) >> (bit & 7)) & 1) != 0
}

/**
 * `hash` is that of key and incarnation; the key's bytes are `k0` … `k4`, filled up with zeros.
 * @returns bytes of the value, which is in the globals; of a long one the first eight are. Or MISSING, or ELSEWHERE
 */
export function find(
  hash: i32,
  incarnation: i32,
  keyBytes: i32,
  k0: u64,
  k1: u64,
  k2: u64,
  k3: u64,
  k4: u64,
): i32 {
  if (hasOwnWrites || isOwnWrite(hash)) return ELSEWHERE
  const bits = <u32>hash
  const many = (bits >> STRIPE_BITS) & ((<u32>1 << spread) - 1)
  const stripe = ((((bits >> 16) * stripesByPart) >> 16) << spread) | many
  const head = <usize>stripe << HEAD_BITS
  const firstSlot = slots + (<usize>(stripe << STRIPE_BITS) << SLOT_BITS)
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const sequence = atomic.load<i32>(head)
    if ((sequence & 1) != 0) continue
    const slot = probe(firstSlot, hash, incarnation, keyBytes, k0, k1, k2, k3, k4)
    if (slot == 0) {
      const overflow = atomic.load<i32>(head, OVERFLOW)
      if (atomic.load<i32>(head) != sequence) continue
      return overflow == 0 ? MISSING : ELSEWHERE
    }
    const entry = <u32>atomic.load<i32>(slot, ENTRY)
    const block = <usize>atomic.load<u32>(slot, BLOCK) << 2
    const valueBytes = atomic.load<i32>(slot, VALUE_BYTES)
    if (block == 0 || <u32>valueBytes > <u32>MAX_LONG_VALUE_BYTES) return ELSEWHERE
    const value = block + wholePairs(KEY_AT + keyBytes)
    if (!isInArena(block, KEY_AT + keyBytes) || !isInArena(value, valueBytes)) return ELSEWHERE
    if (!(reinterpret<f64>(atomic.load<i64>(arena + block)) >= aliveFromMs)) return ELSEWHERE
    const isLong = valueBytes > MAX_SHORT_VALUE_BYTES
    take(arena + value, isLong ? WORD_BYTES : valueBytes)
    if (atomic.load<i32>(head) != sequence) continue
    if (isLong) {
      longBytes = <u64>valueBytes
      noteLongValue(arena + value, head, sequence)
    }
    if (entry < entries && load<u8>(marks + entry) == 0) store<u8>(marks + entry, 1)
    return valueBytes
  }
  return ELSEWHERE
}

/** Bytes of whole 64 bits. */
@inline
function wholePairs(bytes: i32): usize {
  return (<usize>bytes + 7) & ~7
}

/** Whether so few bytes from there on can be loaded by whole 64 bits. */
@inline
function isInArena(at: usize, bytes: i32): bool {
  return (at & 7) == 0 && at <= arenaBytes && arenaBytes - at >= wholePairs(bytes)
}

/** The address of the key's slot, or 0. */
@inline
function probe(
  firstSlot: usize,
  hash: i32,
  incarnation: i32,
  keyBytes: i32,
  k0: u64,
  k1: u64,
  k2: u64,
  k3: u64,
  k4: u64,
): usize {
  for (let step: u32 = 0; step < STRIPE_SLOTS; step++) {
    const slot = firstSlot + (<usize>((<u32>hash + step) & STRIPE_MASK) << SLOT_BITS)
    const held = atomic.load<i32>(slot)
    if (held == 0) return 0
    if (held != hash) continue
    if (atomic.load<i32>(slot, INCARNATION) != incarnation || atomic.load<i32>(slot, KEY_BYTES) != keyBytes) continue
    const block = <usize>atomic.load<u32>(slot, BLOCK) << 2
    // What cannot be compared is taken for the key: `find` sees the same and leaves it to others.
    if (block == 0 || !isInArena(block, KEY_AT + keyBytes) || hasKey(block, keyBytes, k0, k1, k2, k3, k4)) return slot
  }
  return 0
}

function hasKey(block: usize, keyBytes: i32, k0: u64, k1: u64, k2: u64, k3: u64, k4: u64): bool {
  const at = arena + block + KEY_AT
  // A key is stored in whole words of 32 bits, behind which up to four bytes may be anybody's.
  const words = (keyBytes + 3) >> 2
  if (words == 0) return true
  if (!isWord(at, 0, words, k0)) return false
  if (words <= 2) return true
  if (!isWord(at, 1, words, k1)) return false
  if (words <= 4) return true
  if (!isWord(at, 2, words, k2)) return false
  if (words <= 6) return true
  if (!isWord(at, 3, words, k3)) return false
  return words <= 8 || isWord(at, 4, words, k4)
}

/** Whether the `n`th 64 bits are those of a key of so many words. */
@inline
function isWord(at: usize, n: i32, words: i32, k: u64): bool {
  const held = atomic.load<u64>(at + (<usize>n << 3))
  return words > 2 * n + 1 ? held == k : <u32>held == <u32>k
}

/** Loads a value into the globals, and the zeros behind it. */
@inline
function take(at: usize, length: i32): void {
  v0 = atomic.load<u64>(at)
  if (length <= 8) return
  v1 = atomic.load<u64>(at, 8)
  if (length <= 16) return
  v2 = atomic.load<u64>(at, 16)
  if (length <= 24) return
  v3 = atomic.load<u64>(at, 24)
  if (length <= 32) return
  v4 = atomic.load<u64>(at, 32)
  if (length <= 40) return
  v5 = atomic.load<u64>(at, 40)
  if (length <= 48) return
  v6 = atomic.load<u64>(at, 48)
  if (length <= 56) return
  v7 = atomic.load<u64>(at, 56)
  if (length <= 64) return
  v8 = atomic.load<u64>(at, 64)
  if (length <= 72) return
  v9 = atomic.load<u64>(at, 72)
  if (length <= 80) return
  v10 = atomic.load<u64>(at, 80)
  if (length <= 88) return
  v11 = atomic.load<u64>(at, 88)
  if (length <= 96) return
  v12 = atomic.load<u64>(at, 96)
  if (length <= 104) return
  v13 = atomic.load<u64>(at, 104)
  if (length <= 112) return
  v14 = atomic.load<u64>(at, 112)
  if (length <= 120) return
  v15 = atomic.load<u64>(at, 120)
}
