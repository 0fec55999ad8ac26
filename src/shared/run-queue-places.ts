// Where runs wait to be claimed: the byte map of the run queue. Who writes what when stands in run-queue.ts.
//
//   byte 0     tail   u32  next sequence number to be published; stored by main only
//   byte 64    head   u32  next sequence number to be claimed; advanced by workers, compare-exchange
//   byte 128   places RUN_QUEUE_SLOTS × PLACE_BYTES
//
// A place (sequence number s lies in place s mod RUN_QUEUE_SLOTS; its lap is s / RUN_QUEUE_SLOTS):
//
//   word 0   state: lap (24 bits) << 8 | code       code 0 FREE, 1 READY, 2 + w CLAIMED by worker w
//   word 1   run id
//   word 2   kind of run (RUN_KINDS)
//   word 3   image id                    word 4   image's offset in the image arena
//   word 5   prefix cell                 word 6   prefix bytes
//   word 7   timeout in ms               word 8   argument count
//   word 9   argument bytes              word 10  1: the arguments come through the replies ring
//   word 11  function name bytes
//   byte 48  function name (up to MAX_NAME_BYTES), right behind it the encoded arguments (up to INLINE_ARGUMENT_BYTES):
//            each line of a place is taken from main's core to the worker's, so a short run should need few

import { INLINE_ARGUMENT_BYTES, MAX_NAME_BYTES, RUN_QUEUE_SLOTS } from '../limits.js'

export const TAIL = 0
export const HEAD = 16
const PLACES_BYTES = 128
export const LINE_BYTES = 64
export const NAME_BYTES_AT = 48
const PLACE_BYTES: number =
  Math.ceil((NAME_BYTES_AT + MAX_NAME_BYTES + INLINE_ARGUMENT_BYTES) / LINE_BYTES) * LINE_BYTES
const PLACE_WORDS: number = PLACE_BYTES / 4
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
  const memory = new SharedArrayBuffer(PLACES_BYTES + RUN_QUEUE_SLOTS * PLACE_BYTES)
  const words = new Int32Array(memory)
  for (let i = 0; i < RUN_QUEUE_SLOTS; i++) {
    const sequence = (start + i) >>> 0
    Atomics.store(words, placeOf(sequence), stateWord(sequence, FREE))
  }
  Atomics.store(words, HEAD, start)
  Atomics.store(words, TAIL, start)
  return memory
}

export const stateWord = (sequence: number, code: number): number =>
  (((sequence >>> SLOT_BITS) & LAP_MASK) << LAP_BITS) | code

/** Index of a place's first word. */
export const placeOf = (sequence: number): number =>
  (PLACES_BYTES >> 2) + (sequence & (RUN_QUEUE_SLOTS - 1)) * PLACE_WORDS

/** The FREE word of the next lap, whatever the code was. */
export function nextLapFree(state: number): number {
  const lap = (state >>> LAP_BITS) & LAP_MASK
  return (((lap + 1) & LAP_MASK) << LAP_BITS) | FREE
}

/** What a place is used for, without its lap. */
export function codeOf(state: number): number {
  return state & ((1 << LAP_BITS) - 1)
}
