// The view: the store's entries in shared memory, written by the main thread, read by every thread without asking.
//
//   index   at the beginning of the memory
//           stripe heads   8 bytes each: see stripe-sequences.ts. Together, so that they stay in the cache
//           slots          64 to a stripe, 32 bytes each (drawn below), from a multiple of 64 on
//           touched marks  1 byte for each entry id: 1 = read since main last looked
//           own writes     2 KiB for each worker, from a multiple of 64 on: nobody else's; see workers/own-writes.ts
//   arena   behind it, from a multiple of 64 on: blocks, see store/arena.ts. An entry's block holds
//           f64 deadline: ms on the engine's clock, Infinity = none; visible while now < deadline
//           the key in whole words, the last filled up with zeros; from the next multiple of 8 bytes on, the value,
//           filled up with zeros to a multiple of 8
//
//   slot    word 0  hash           0 = the slot is empty
//           word 1  incarnation    of the prefix
//           word 2  key bytes
//           word 3  value bytes
//           word 4  block          the word of the arena where it starts; 0 = ask: main keeps the bytes elsewhere
//           word 5  entry id
//           word 6  two that are free
//
// What an overwrite changes lies in the block, so that it costs readers the lines of the block alone: each line that
// comes from main's core takes a reader 100 to 200 ns, and where a block lies it would learn only after the slot's.
//
// An entry's home: the hash's high bits choose the stripe, its low six the slot in it. Probing goes on slot by slot and
// wraps inside the stripe, so all an entry's slots hang on one sequence number. An entry that finds its stripe full has
// no slot; it is counted in the stripe's head, and a miss there means: ask. At most half the slots are taken, so a
// stripe expects up to 32 entries, and more than 64 with probability 2 × 10^-7: one full store of 50,000 in 3,000 has
// such a stripe. Which keys meet in a stripe nobody can choose: the hash is keyed.
//
// ── who writes, who reads, in which order ──────────────────────────────────────────────────────────────────────────
// Only main writes, except for the marks, which readers set and main takes away: a mark lost or too many costs nothing
// but a turn in the order of eviction. Nothing here is owed to the language's memory model, which promises little for
// plain accesses that race. It rests on two facts. V8 performs every load and store of a typed array over shared memory
// that the program performs, in program order with respect to each other and to Atomics (none is merged, invented or
// moved; torn-reads.test.ts fails within a second where the second look at a sequence is left out); an aligned word is
// not torn. And the hardware keeps what x64 (stores in order, loads in order) and ARM64 with
// fences promise (fence.ts).
//
//   main    a new block is written while nobody can reach it
//           sequence := odd │ fence │ slot stores │ sequence := even (release) │ fence │ the old block is given back
//           a short value of an entry that has a block of the right size: instead of slot stores those into the block
//   reader  sequence, even (acquire) │ slot, key, value: copied │ fence │ sequence again: the same?
//
// - Sees the reader any store of a change between its two numbers, or any later one into a block that the change freed, it
//   sees that change's odd number or a later one at its second look, since main's store came after it: the copy is thrown
//   away.
// - Sees it the even number of a change at its first look, it sees all stores of that change, the block's included.
// - The native finder (workers/view-finder/) follows the same steps with atomic loads, which need no fence; the parts of
//   a long value it loads plainly, and puts a fence behind them.
// - So a copy that passes shows one state of the stripe, with the bytes of that state. What it read before passing may
//   be anything: lengths and places are bounded before they are used, and nothing is decoded.
// - The odd section is stores only: key, hash, sizes and block are settled before. A reader tries again a bounded
//   number of times, then asks: it never waits for a thread that is not running.

import { MAX_SPARE_THREADS, MAX_THREADS } from '../limits.js'
import type { HashSecret } from './key-hash.js'
import { STRIPE_HEAD_BYTES, StripeSequences } from './stripe-sequences.js'

export const STRIPE_BITS = 6
export const STRIPE_SLOTS: number = 1 << STRIPE_BITS
export const STRIPE_MASK: number = STRIPE_SLOTS - 1

export const SLOT_BITS = 3
export const SLOT_WORDS: number = 1 << SLOT_BITS
export const HASH = 0
export const INCARNATION = 1
export const KEY_BYTES = 2
export const VALUE_BYTES = 3
export const BLOCK = 4
export const ENTRY = 5

/** A block's deadline is its first float64: `deadlines[block >>> DEADLINE_BITS]`. */
export const DEADLINE_BITS = 1
/** Words between a block's start and its key. */
export const KEY_AT = 2

/** A bit for each of 8,192 hashes, twice. */
export const OWN_WRITES_BYTES = 2048

const LINE_BYTES = 64
const WASM_PAGE_BYTES = 64 * 1024
/** 4 GiB. */
const MAX_WASM_PAGES = 65_536

/** The stripe of a hash; see `stripeSpread`. */
export function stripeOf(hash: number, stripes: number, spread: number): number {
  const many = (hash >>> STRIPE_BITS) & ((1 << spread) - 1)
  return ((Math.imul(hash >>> 16, stripes >>> spread) >>> 16) << spread) | many
}

/** How many of the hash's bits above the slot's choose a stripe, too: the 16 high ones suffice for 65,536 stripes. */
export function stripeSpread(stripes: number): number {
  return Math.max(0, 16 - Math.clz32(stripes - 1))
}

/** The slot `step` behind the home of a hash, round the end of its stripe. */
export function slotOf(stripe: number, hash: number, step: number): number {
  return (stripe << STRIPE_BITS) | ((hash + step) & STRIPE_MASK)
}

/** Words between a block's start and its value. A multiple of 8 bytes: V8 copies shared memory byte by byte elsewhere. */
export function wordsBeforeValue(keyBytes: number): number {
  return KEY_AT + (((keyBytes + 7) >>> 3) << 1)
}

/** A WebAssembly.Memory; its type is not one of the language's own. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer
}

/** What a thread needs to read the view; can be posted to a worker. */
export interface ViewMemory {
  readonly buffer: SharedArrayBuffer
  /** The same memory for native code; undefined when it is too large for that. */
  readonly wasm: WasmMemory | undefined
  readonly arenaAt: number
  readonly arenaBytes: number
  readonly stripes: number
  readonly maxEntries: number
  readonly maxKeyBytes: number
  readonly secret: HashSecret
}

/** Where the parts of the index begin, in bytes. */
export interface ViewPlaces {
  readonly slotsAt: number
  readonly marksAt: number
  readonly ownWritesAt: number
  readonly arenaAt: number
}

export interface ViewSizes {
  readonly maxEntries: number
  readonly maxKeyBytes: number
  readonly arenaBytes: number
  /** Default: as many as leave half the slots free; tests take fewer. */
  readonly stripes?: number | undefined
}

/** One thread's windows on the memory. */
export interface View {
  readonly memory: ViewMemory
  readonly sequences: StripeSequences
  readonly slots: Int32Array
  readonly marks: Uint8Array
  /** The arena, for the deadlines. */
  readonly deadlines: Float64Array
  readonly arenaWords: Int32Array
  readonly arenaBytes: Uint8Array
}

function wholeLines(sizeBytes: number): number {
  return Math.ceil(sizeBytes / LINE_BYTES) * LINE_BYTES
}

export function viewPlaces({ stripes, maxEntries }: Pick<ViewMemory, 'stripes' | 'maxEntries'>): ViewPlaces {
  const slotsAt = wholeLines(stripes * STRIPE_HEAD_BYTES)
  const marksAt = slotsAt + stripes * STRIPE_SLOTS * SLOT_WORDS * 4
  const ownWritesAt = wholeLines(marksAt + maxEntries)
  const arenaAt = ownWritesAt + (MAX_THREADS + MAX_SPARE_THREADS) * OWN_WRITES_BYTES
  return { slotsAt, marksAt, ownWritesAt, arenaAt }
}

/** The fewest stripes of which `maxEntries` fill no more than half. */
function stripesFor(maxEntries: number): number {
  const stripes = Math.ceil((2 * maxEntries) / STRIPE_SLOTS)
  const unit = 1 << stripeSpread(stripes)
  return Math.ceil(stripes / unit) * unit
}

/** Undefined when it is too large for wasm, or when address space is limited: wasm reserves far more than it holds. */
function createWasmMemory(sizeBytes: number): WasmMemory | undefined {
  const pages = Math.ceil(sizeBytes / WASM_PAGE_BYTES)
  if (pages > MAX_WASM_PAGES) return undefined
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** All zero: an empty index over an arena without blocks. Nothing of it is resident before it is used. */
export function createViewMemory(sizes: ViewSizes, secret: HashSecret): ViewMemory {
  const { maxEntries, maxKeyBytes, arenaBytes, stripes = stripesFor(maxEntries) } = sizes
  const { arenaAt } = viewPlaces({ stripes, maxEntries })
  const wasm = createWasmMemory(arenaAt + arenaBytes)
  return {
    buffer: wasm?.buffer ?? new SharedArrayBuffer(arenaAt + arenaBytes),
    wasm,
    arenaAt,
    arenaBytes,
    stripes,
    maxEntries,
    maxKeyBytes,
    secret,
  }
}

export function openView(memory: ViewMemory): View {
  const { buffer, stripes, arenaAt, arenaBytes, maxEntries } = memory
  const { slotsAt, marksAt } = viewPlaces(memory)
  const slotWords = stripes * STRIPE_SLOTS * SLOT_WORDS
  return {
    memory,
    sequences: new StripeSequences(new Int32Array(buffer, 0, (stripes * STRIPE_HEAD_BYTES) / 4)),
    slots: new Int32Array(buffer, slotsAt, slotWords),
    marks: new Uint8Array(buffer, marksAt, maxEntries),
    deadlines: new Float64Array(buffer, arenaAt, arenaBytes / 8),
    arenaWords: new Int32Array(buffer, arenaAt, arenaBytes / 4),
    arenaBytes: new Uint8Array(buffer, arenaAt, arenaBytes),
  }
}

const RELATIONS: readonly (readonly [boolean, string])[] = [
  [SLOT_WORDS * 4 === 32 && LINE_BYTES % (SLOT_WORDS * 4) === 0, 'no slot lies across two cache lines'],
  [ENTRY < SLOT_WORDS, 'a slot has room for all its words'],
  [1 << DEADLINE_BITS === KEY_AT, 'the key follows the deadline'],
]
for (const [holds, text] of RELATIONS)
  if (!holds) throw new RangeError(`view layout: it must hold that ${text}`)
