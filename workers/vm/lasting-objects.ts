// What no run changes of an image as long as no collection begins: strings, and the compiled code of functions.
//
// Lua writes to such an object when it makes it, when the collector marks it, or frees it or what follows it in a list,
// and, to a short string, when the table of strings is resized, which puts all of them into other lists. Nothing else
// does: what can be assigned to belongs to closures, not to their code. Only a long string's head is written later, when
// its hash is asked for first.
// Each lies in a piece of memory that the allocator (emmalloc) gave:
//
//   │ u32 size │ object or array … │ u32 size │ next piece
//
// The allocator writes to a piece in use when the next one is free and is given away: to align that, it may make this one
// longer, which shows in its first size. So of pieces that lie together, the last one's sizes do not last.
//
// What is free in the image needs no copy either, but for what the allocator notes at both ends of it: nobody reads it
// before it was given away and written.
//
//   free:  │ u32 size │ u32 next │ u32 previous │ … │ u32 size + 1 │
//
// Found by the collector's own lists in the image, and by the sizes. These may be hostile: who has a bug of Lua at hand
// could have its script's image say anything. So nothing of it is believed beyond the image's bounds, and what the lists
// say matters only between runs of one owner (restoring.ts).

import {
  GLOBAL,
  HEAP_BASE,
  OBJECT,
  PIECE_HEAD_BYTES,
  PROTO_ARRAYS,
  STRING_HEADER_BYTES,
  TYPE_LONG_STRING,
  TYPE_PROTO,
  TYPE_SHORT_STRING,
} from './layout.js'
import type { Pointer } from './lua.js'
import type { AddressRange } from './restore-code.js'

const MIN_PIECE_BYTES = 16
const PIECE_FOOT_BYTES = 4
const FREE = 1
const FREE_NOTE_BYTES = 12
/** As many bytes are copied in the time that beginning another copy takes. */
const MIN_GAP_BYTES = 256

interface Piece extends AddressRange {
  /** Where what lasts of it begins, its size aside. */
  readonly body: Pointer
}

class Pieces {
  readonly #found: Piece[] = []
  readonly #heap: Uint32Array

  constructor(heap: Uint32Array) {
    this.#heap = heap
  }

  /** The word at an address of the VM; 0 outside the image's heap. */
  word(address: Pointer): number {
    return this.#heap[(address - HEAP_BASE) >>> 2] ?? 0
  }

  /** Of the piece that the allocator gave for `address`, what lies behind `skippedBytes` of what is there. */
  #add(address: Pointer, skippedBytes = 0): void {
    const from = address - PIECE_HEAD_BYTES
    const sizeBytes = this.word(from)
    const to = from + sizeBytes
    const isPiece =
      sizeBytes >= MIN_PIECE_BYTES && sizeBytes % 4 === 0 && this.word(to - PIECE_FOOT_BYTES) === sizeBytes
    if (isPiece) this.#found.push({ from, to, body: address + skippedBytes })
  }

  addObjects(first: Pointer): void {
    let left = this.#heap.length
    for (let object = first; object !== 0 && left > 0; object = this.word(object)) {
      left--
      const type = this.word(object + OBJECT.type) & 0xff
      if (type === TYPE_SHORT_STRING) this.#add(object)
      else if (type === TYPE_LONG_STRING) this.#add(object, STRING_HEADER_BYTES)
      else if (type === TYPE_PROTO) this.#addCode(object)
    }
  }

  #addCode(proto: Pointer): void {
    this.#add(proto)
    for (const array of PROTO_ARRAYS) {
      const address = this.word(proto + array)
      if (address !== 0) this.#add(address)
    }
  }

  /** What lasts, in the order of addresses. */
  lasting(): AddressRange[] {
    const pieces = this.#found.sort((a, b) => a.from - b.from)
    const ranges: AddressRange[] = []
    for (const [n, { from, to, body }] of pieces.entries()) {
      const isWhole = pieces[n + 1]?.from === to && body === from + PIECE_HEAD_BYTES
      ranges.push(isWhole ? { from, to } : { from: body, to: to - PIECE_FOOT_BYTES })
    }
    return ranges
  }
}

/** Ranges with at most `maxGapBytes` between them become one. */
function joined(ranges: readonly AddressRange[], maxGapBytes: number): AddressRange[] {
  const result: AddressRange[] = []
  for (const { from, to } of ranges) {
    const last = result.at(-1)
    if (last === undefined || from - last.to > maxGapBytes) result.push({ from, to })
    else result[result.length - 1] = { from: last.from, to: Math.max(last.to, to) }
  }
  return result
}

/** What is free of the heap behind the scratch area, which ends at `from`, without what the allocator notes there. */
export function findFreeRanges(heap: Uint32Array, from: Pointer): AddressRange[] {
  const pieces = new Pieces(heap)
  const ranges: AddressRange[] = []
  const end = HEAP_BASE + 4 * heap.length
  for (let at = from + PIECE_FOOT_BYTES, size = 0; at < end; at += size) {
    size = pieces.word(at)
    const to = at + size - PIECE_FOOT_BYTES
    if (size < MIN_PIECE_BYTES || size % 4 !== 0 || to >= end) return ranges
    if (pieces.word(to) === size + FREE && size > FREE_NOTE_BYTES)
      ranges.push({ from: at + FREE_NOTE_BYTES, to })
  }
  return ranges
}

/**
 * What runs may change of the heap behind the scratch area, which ends at `from`: all but lasting objects and what is free.
 * `heap`: the words of the image from HEAP_BASE on; `global`: the address of its global_State.
 */
export function findChangingRanges(heap: Uint32Array, from: Pointer, global: Pointer): AddressRange[] {
  const pieces = new Pieces(heap)
  pieces.addObjects(pieces.word(global + GLOBAL.allObjects))
  pieces.addObjects(pieces.word(global + GLOBAL.fixedObjects))
  const end = HEAP_BASE + 4 * heap.length
  const changing: AddressRange[] = []
  let at = from
  const untouched = [...pieces.lasting(), ...findFreeRanges(heap, from)]
  for (const lasting of untouched.sort((a, b) => a.from - b.from)) {
    if (lasting.from > at) changing.push({ from: at, to: lasting.from })
    at = Math.max(at, lasting.to)
  }
  if (at < end) changing.push({ from: at, to: end })
  return joined(changing, MIN_GAP_BYTES)
}
