// The shadow stack: 1 MB of C locals below the heap. Between runs it is dead, but holds what was formatted or parsed, so
// it is zeroed when another owner's run comes (restoring.ts). All of it would cost 22 µs. Instead:
//
//   │ ◀ never reached │ … while a window is dirty, 32 KiB pieces │ window 9 KiB │ 12 KiB, always │
//   35,136                                                                                       1,083,712
//
// The top comes with every image (image.ts) and covers ordinary runs: reading and formatting numbers needs 8 KB frames
// at a depth of 1–3 KB. Below, a window is compared with zeroes (0.15 µs); only what is dirty is zeroed, piece by piece
// until a window is clean. That finds everything as long as no run writes below a stretch of WINDOW_BYTES that it leaves
// untouched:
// - Inside one frame the longest such stretch is the digit array of reading and formatting numbers, 8,192 bytes.
// - Frames of nested calls are written at every level: protected calls store their jump record, string functions their
//   buffer, metamethods their operands. Over all kinds of nesting the longest stretch measured is 600 bytes.
// - The parser alone nests without writing (parentheses). Whoever called `load` therefore has the parser's whole reach
//   zeroed, at most 200 levels.

import { HEAP_BASE, STATIC_END } from './layout.js'

/** The part that is zeroed each time, whatever was used. */
export const CLEAN_STACK_BYTES: number = 12 * 1024
const WINDOW_BYTES = 9 * 1024
const PIECE_BYTES = 32 * 1024
/** 200 levels of the parser at no more than 1.2 KB each. */
const PARSER_STACK_BYTES = 256 * 1024
const ZEROES = Buffer.alloc(64 * 1024)

/** Buffer.fill copies a pattern natively; a number would go byte by byte in shared memory, ten times slower. */
export function zero(bytes: Buffer, start: number, end: number): void {
  if (start < end) bytes.fill(ZEROES, start, end)
}

/** Zeroes what lies below the part that is always zeroed. `hasParsed`: a source was parsed since the last time. */
export function cleanDeepStack(bytes: Buffer, hasParsed: boolean): void {
  let top = HEAP_BASE - CLEAN_STACK_BYTES
  if (hasParsed) {
    zero(bytes, HEAP_BASE - PARSER_STACK_BYTES, top)
    top = HEAP_BASE - PARSER_STACK_BYTES
  }
  while (top > STATIC_END) {
    const window = Math.max(STATIC_END, top - WINDOW_BYTES)
    if (ZEROES.compare(bytes, window, top, 0, top - window) === 0) return
    const bottom = Math.max(STATIC_END, top - PIECE_BYTES)
    zero(bytes, bottom, top)
    top = bottom
  }
}
