// Where runs wait to be claimed: the byte map of the run queue. Who writes what when stands in run-queue.ts.
//
//   byte 0     tail   u32  next sequence number to be published; stored by main only
//   byte 64    head   u32  next sequence number to be claimed; advanced by workers, compare-exchange
//   byte 128   states RUN_QUEUE_SLOTS × u32, one for each place
//   behind     places RUN_QUEUE_SLOTS × PLACE_BYTES
//   behind     annexes RUN_QUEUE_SLOTS × ANNEX_BYTES, one for each place
//
// Sequence number s has state, place and annex s mod RUN_QUEUE_SLOTS; its lap is s / RUN_QUEUE_SLOTS.
//
//   state    lap (24 bits) << 8 | code       code 0 FREE, 1 READY, 2 + w CLAIMED by worker w
//
// A place:
//
//   word 0   run id                      word 1   kind of run (RUN_KINDS)
//   word 2   image id                    word 3   image's offset in the image arena
//   word 4   prefix cell                 word 5   prefix bytes
//   word 6   timeout in ms               word 7   argument count
//   word 8   argument bytes; more than INLINE_ARGUMENT_BYTES come through the replies ring
//   word 9   where the function name begins, in bytes from the beginning of this memory; the encoded arguments lie behind it,
//            from the next whole word on
//   word 10  function name bytes
//   byte 44  name and arguments where both fit the place, else they lie in its annex
//
// Why so: whatever main wrote has to come from its core to the worker's, line by line, 100 ns each. Sixteen runs that follow
// one another share the line of their states, which workers write to; a short run has two lines that workers only read, next
// to those of the run before it, so that the processor fetches them before they are asked for.

import { INLINE_ARGUMENT_BYTES, MAX_NAME_BYTES, RUN_QUEUE_SLOTS } from '../limits.js'

export const TAIL = 0
export const HEAD = 16
const STATES = 32
const PLACES_BYTES: number = 4 * (STATES + RUN_QUEUE_SLOTS)
const TEXT_AT = 44
const PLACE_BYTES = 128
const PLACE_WORDS: number = PLACE_BYTES / 4
/** Of name and arguments. */
const MAX_PLACE_TEXT_BYTES: number = PLACE_BYTES - TEXT_AT
const ANNEX_BYTES: number = MAX_NAME_BYTES + INLINE_ARGUMENT_BYTES
const ANNEXES_BYTES: number = PLACES_BYTES + RUN_QUEUE_SLOTS * PLACE_BYTES
export const FREE = 0
export const READY = 1
export const CLAIMED = 2
const LAP_BITS = 8
const LAP_MASK = 0xffffff
const SLOT_BITS = 31 - Math.clz32(RUN_QUEUE_SLOTS)

/** The kinds of run; a kind's position is its number in shared memory. */
export const RUN_KINDS = ['main', 'call', 'chunk', 'loadScript', 'loadChunk'] as const
export type RunKind = (typeof RUN_KINDS)[number]

/** Shared memory for the run queue. `start` is the first sequence number: tests begin just below 2^32. */
export function createRunQueueMemory(start = 0): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(ANNEXES_BYTES + RUN_QUEUE_SLOTS * ANNEX_BYTES)
  const words = new Int32Array(memory)
  for (let i = 0; i < RUN_QUEUE_SLOTS; i++) {
    const sequence = (start + i) >>> 0
    Atomics.store(words, stateOf(sequence), stateWord(sequence, FREE))
  }
  Atomics.store(words, HEAD, start)
  Atomics.store(words, TAIL, start)
  return memory
}

export const stateWord = (sequence: number, code: number): number =>
  (((sequence >>> SLOT_BITS) & LAP_MASK) << LAP_BITS) | code

/** Index of a place's state. */
export const stateOf = (sequence: number): number => STATES + (sequence & (RUN_QUEUE_SLOTS - 1))

/** Index of a place's first word. */
export const placeOf = (sequence: number): number =>
  (PLACES_BYTES >> 2) + (sequence & (RUN_QUEUE_SLOTS - 1)) * PLACE_WORDS

export const wholeWords = (lengthBytes: number): number => (lengthBytes + 3) & ~3

/** Where so many bytes of name and arguments lie. */
export const textOf = (sequence: number, nameBytes: number, argumentBytes: number): number =>
  wholeWords(nameBytes) + wholeWords(argumentBytes) <= MAX_PLACE_TEXT_BYTES
    ? placeOf(sequence) * 4 + TEXT_AT
    : ANNEXES_BYTES + (sequence & (RUN_QUEUE_SLOTS - 1)) * ANNEX_BYTES

/** The FREE word of the next lap, whatever the code was. */
export function nextLapFree(state: number): number {
  const lap = (state >>> LAP_BITS) & LAP_MASK
  return (((lap + 1) & LAP_MASK) << LAP_BITS) | FREE
}

/** What a place is used for, without its lap. */
export function codeOf(state: number): number {
  return state & ((1 << LAP_BITS) - 1)
}
