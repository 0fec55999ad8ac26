// Takes a value that does not fit the globals: part by part, in any order, as often as it is wanted. Whoever does looks at the
// sequence once more at the end (`endParts`): only then what was taken means anything.
//
// The parts are loaded plainly, because they need not lie at whole words, and no atomic load is so wide. So a fence keeps
// them before the last look: a store-release and the load-acquire behind it, as in src/shared/fence.ts.

/** Larger values are asked for: MAX_READ_BYTES of src/shared/view-reader.ts. */
export const MAX_LONG_VALUE_BYTES: i32 = 256 * 1024

/** The part that was taken last. */
export let w0: v128 = i64x2.splat(0)
export let w1: v128 = i64x2.splat(0)
export let w2: v128 = i64x2.splat(0)
export let w3: v128 = i64x2.splat(0)
export let w4: v128 = i64x2.splat(0)
export let w5: v128 = i64x2.splat(0)
export let w6: v128 = i64x2.splat(0)
export let w7: v128 = i64x2.splat(0)

let value: usize = 0
let stripeHead: usize = 0
let sequenceBefore: i32 = 0
let fenceWord: usize = 0

/** No other thread uses that word. */
export function setFenceWord(at: usize): void {
  fenceWord = at
}

/** The value that was found lies at `at`, all of it inside the arena, as long as its stripe has this sequence. */
export function noteLongValue(at: usize, head: usize, sequence: i32): void {
  value = at
  stripeHead = head
  sequenceBefore = sequence
}

/** Loads the 128 bytes from `offset` on, which lie inside the value that was found last, into the globals. */
export function takePart(offset: usize): void {
  const at = value + offset
  w0 = v128.load(at)
  w1 = v128.load(at, 16)
  w2 = v128.load(at, 32)
  w3 = v128.load(at, 48)
  w4 = v128.load(at, 64)
  w5 = v128.load(at, 80)
  w6 = v128.load(at, 96)
  w7 = v128.load(at, 112)
}

/** Whether all parts that were taken since `find` are of the value that it found. */
export function endParts(): bool {
  atomic.store<i32>(fenceWord, load<i32>(fenceWord))
  return atomic.load<i32>(stripeHead) == sequenceBefore
}
