// An allocator over one buffer, the view's: constant time, good fit, free neighbours merged at once (two-level segregated
// fit). Only main allocates; other threads read the blocks, never the headers.
//
// Everything is counted in units of 16 bytes, and every block starts with a header of 8:
//
//   byte 0  i32  units of this block, header included, × 2, + 1 when in use
//   byte 4  i32  units of the block before it (0 for the first)
//   byte 8  …    in use: the caller's bytes          free: i32 next, i32 previous block of its free list (units, 0 = none)
//
// Free lists by size: below 16 units one list per size, above 16 lists per power of two. A search takes the next larger
// list, so that its first block fits without looking; `#levels` and `#lists` say in one bit each what is not empty.
// The first unit is never handed out: 0 means none. The last is a used block of one unit, so merging ends there.
//
// Untouched memory is not resident: blocks come from the low end as long as nothing was freed.

const UNIT_BYTES = 16
const HEADER_BYTES = 8
const UNIT_WORDS = UNIT_BYTES / 4
const LIST_BITS = 4
const LISTS = 1 << LIST_BITS
const LEVELS = 26
const MAX_BYTES = 2 ** 32 - UNIT_BYTES
const NEXT = 2
const PREVIOUS = 3

/** How large a buffer must be for `capacityBytes` of blocks, headers included; at most about 4 GiB. */
export function arenaBufferBytes(capacityBytes: number): number {
  return (Math.ceil(Math.min(capacityBytes, MAX_BYTES - 2 * UNIT_BYTES) / UNIT_BYTES) + 2) * UNIT_BYTES
}

export class Arena {
  readonly #words: Int32Array
  #levels = 0
  readonly #lists = new Int32Array(LEVELS)
  readonly #heads = new Int32Array(LEVELS * LISTS)
  #usedBytes = 0

  /** `words`: all zero, as many as `arenaBufferBytes` says. */
  constructor(words: Int32Array) {
    const units = words.length / UNIT_WORDS - 2
    this.#words = words
    this.#setHeader(units + 1, 1, true)
    this.#setBefore(units + 1, units)
    this.#setHeader(1, units, false)
    this.#list(1, units)
  }

  /** Bytes in used blocks, headers and rounding included. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Where `sizeBytes` may be written, or 0 when no free block is large enough. */
  allocate(sizeBytes: number): number {
    const units = unitsFor(sizeBytes)
    const block = this.#findFree(units)
    if (block === 0) return 0
    const found = this.#units(block)
    this.#unlist(block, found)
    const rest = found - units
    if (rest > 0) {
      this.#setHeader(block + units, rest, false)
      this.#setBefore(block + units, units)
      this.#setBefore(block + found, rest)
      this.#list(block + units, rest)
    }
    this.#setHeader(block, units, true)
    this.#usedBytes += units * UNIT_BYTES
    return block * UNIT_BYTES + HEADER_BYTES
  }

  /** Whether a used block is exactly as large as one for so many bytes. */
  isSize(offset: number, sizeBytes: number): boolean {
    return this.#units((offset - HEADER_BYTES) / UNIT_BYTES) === unitsFor(sizeBytes)
  }

  free(offset: number): void {
    let block = (offset - HEADER_BYTES) / UNIT_BYTES
    let units = this.#units(block)
    if (!this.#isUsed(block)) throw new Error('a block of the arena was freed twice')
    this.#usedBytes -= units * UNIT_BYTES
    const after = block + units
    if (!this.#isUsed(after)) {
      const afterUnits = this.#units(after)
      this.#unlist(after, afterUnits)
      units += afterUnits
    }
    const beforeUnits = this.#words[block * UNIT_WORDS + 1] as number
    if (beforeUnits > 0 && !this.#isUsed(block - beforeUnits)) {
      block -= beforeUnits
      this.#unlist(block, beforeUnits)
      units += beforeUnits
    }
    this.#setHeader(block, units, false)
    this.#setBefore(block + units, units)
    this.#list(block, units)
  }

  /** A free block of at least `units`, or 0. */
  #findFree(units: number): number {
    // Rounded up to the next list, where every block is large enough.
    const list = listOf(units + spanOf(units) - 1)
    const level = list >> LIST_BITS
    const inLevel = (this.#lists[level] as number) & (-1 << (list & (LISTS - 1)))
    if (inLevel !== 0) return this.#heads[level * LISTS + lowestBit(inLevel)] as number
    const higher = this.#levels & (-1 << (level + 1))
    if (higher === 0) return this.#findInOwnList(units)
    const first = lowestBit(higher)
    return this.#heads[first * LISTS + lowestBit(this.#lists[first] as number)] as number
  }

  /** When memory is short: the list of this very size may have a block that fits; a few are looked at. */
  #findInOwnList(units: number): number {
    let block = this.#heads[listOf(units)] as number
    for (let looks = 0; block !== 0 && looks < 8; looks++) {
      if (this.#units(block) >= units) return block
      block = this.#words[block * UNIT_WORDS + NEXT] as number
    }
    return 0
  }

  #list(block: number, units: number): void {
    const list = listOf(units)
    const head = this.#heads[list] as number
    this.#words[block * UNIT_WORDS + NEXT] = head
    this.#words[block * UNIT_WORDS + PREVIOUS] = 0
    if (head !== 0) this.#words[head * UNIT_WORDS + PREVIOUS] = block
    this.#heads[list] = block
    const level = list >> LIST_BITS
    this.#lists[level] = (this.#lists[level] as number) | (1 << (list & (LISTS - 1)))
    this.#levels |= 1 << level
  }

  #unlist(block: number, units: number): void {
    const next = this.#words[block * UNIT_WORDS + NEXT] as number
    const previous = this.#words[block * UNIT_WORDS + PREVIOUS] as number
    if (next !== 0) this.#words[next * UNIT_WORDS + PREVIOUS] = previous
    if (previous !== 0) {
      this.#words[previous * UNIT_WORDS + NEXT] = next
      return
    }
    const list = listOf(units)
    this.#heads[list] = next
    if (next !== 0) return
    const level = list >> LIST_BITS
    const bits = (this.#lists[level] as number) & ~(1 << (list & (LISTS - 1)))
    this.#lists[level] = bits
    if (bits === 0) this.#levels &= ~(1 << level)
  }

  #units(block: number): number {
    return (this.#words[block * UNIT_WORDS] as number) >>> 1
  }

  #isUsed(block: number): boolean {
    return ((this.#words[block * UNIT_WORDS] as number) & 1) === 1
  }

  #setHeader(block: number, units: number, used: boolean): void {
    this.#words[block * UNIT_WORDS] = (units << 1) | (used ? 1 : 0)
  }

  #setBefore(block: number, units: number): void {
    this.#words[block * UNIT_WORDS + 1] = units
  }
}

function unitsFor(sizeBytes: number): number {
  return Math.ceil((sizeBytes + HEADER_BYTES) / UNIT_BYTES)
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

/** How many sizes share a list with this one. */
function spanOf(units: number): number {
  return units < LISTS ? 1 : 1 << (31 - Math.clz32(units) - LIST_BITS)
}

/** Level 0 holds the sizes below 16; level n the 16 steps from 2^(n + 3) to the next power. */
function listOf(units: number): number {
  if (units < LISTS) return units
  const power = 31 - Math.clz32(units)
  return ((power - LIST_BITS + 1) << LIST_BITS) | ((units >> (power - LIST_BITS)) & (LISTS - 1))
}
