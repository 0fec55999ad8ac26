// When entries expire: a hierarchical timing wheel, linked through the entry ids themselves.
//
// Time is whole milliseconds since the engine's origin, up to 2^53, read as eleven digits of five bits. An entry hangs
// in the level of the highest digit in which its deadline differs from `#elapsed` (the wheel's time), in the slot of
// that digit:
//
//   level 0   32 slots of 1 ms      deadlines in the running 32 ms
//   level 1   32 slots of 32 ms     deadlines in the running 1,024 ms
//   level 2   32 slots of 1,024 ms  …
//   level 10  the last 5 bits of 55
//
// Every occupied slot of a level therefore lies ahead of the wheel's own digit there, and nothing wraps. To advance is
// to move whole lists: slots that the new time has passed go to `due`, the one slot of the new time itself to `unsorted`,
// whose entries are looked at one by one when somebody asks for expired ones. So a jump costs a few list operations
// however far it goes and however many expire, and the rest is paid in the slices the caller chooses.
//
// A list is circular, through a sentinel: nodes 0 … SENTINELS - 1 are the sentinels, SENTINELS + id is an entry. Moving
// an entry unlinks it first: however often a key is overwritten, its entry is in one list once.

const DIGIT_BITS = 5
const SLOTS = 1 << DIGIT_BITS
const LEVELS = 11
const DUE = LEVELS * SLOTS
const UNSORTED = DUE + 1
const SENTINELS = UNSORTED + 1

/** Width of one slot of each level, in milliseconds. */
const SLOT_MS: readonly number[] = Array.from({ length: LEVELS }, (_, level) => SLOTS ** level)

function digitOf(ms: number, level: number): number {
  // `&` takes the low 32 bits of any whole number below 2^53.
  return Math.floor(ms / (SLOT_MS[level] as number)) & (SLOTS - 1)
}

/** The highest level in which two different times differ. */
function differingLevel(a: number, b: number): number {
  const high = Math.trunc(a / 2 ** 32) ^ Math.trunc(b / 2 ** 32)
  const bit = high === 0 ? 31 - Math.clz32(a ^ b) : 63 - Math.clz32(high)
  return Math.trunc(bit / DIGIT_BITS)
}

export class Expiry {
  /** By id; 0 means none, and then the id is in no list. */
  readonly #deadlineMs: Float64Array
  /** By node. */
  readonly #next: Int32Array
  readonly #previous: Int32Array
  /** By level: bit n set means slot n is not empty. */
  readonly #occupied = new Int32Array(LEVELS)
  #elapsedMs: number
  #size = 0

  constructor(maxEntries: number, nowMs: number) {
    this.#elapsedMs = Math.floor(nowMs)
    this.#deadlineMs = new Float64Array(maxEntries)
    this.#next = new Int32Array(SENTINELS + maxEntries)
    this.#previous = new Int32Array(SENTINELS + maxEntries)
    for (let sentinel = 0; sentinel < SENTINELS; sentinel++) {
      this.#next[sentinel] = sentinel
      this.#previous[sentinel] = sentinel
    }
  }

  /** How many ids have a deadline. */
  get size(): number {
    return this.#size
  }

  /** Whether `takeExpired` may still find something at the time last advanced to. */
  get hasExpired(): boolean {
    return this.#next[DUE] !== DUE || this.#next[UNSORTED] !== UNSORTED
  }

  /** Whole milliseconds; Infinity without one. An entry is visible while `now < deadline`. */
  deadlineOf(id: number): number {
    return (this.#deadlineMs[id] as number) || Number.POSITIVE_INFINITY
  }

  /** Sets, moves or (Infinity) takes away an id's deadline, rounded up to whole milliseconds. */
  set(id: number, deadlineMs: number): void {
    this.remove(id)
    if (deadlineMs === Number.POSITIVE_INFINITY) return
    this.#deadlineMs[id] = Math.max(1, Math.ceil(deadlineMs))
    this.#size++
    this.#link(id)
  }

  /** Takes the deadline away; no matter if there was none. */
  remove(id: number): void {
    if (this.#deadlineMs[id] === 0) return
    this.#deadlineMs[id] = 0
    this.#size--
    this.#unlink(SENTINELS + id)
  }

  /** Moves the wheel to `nowMs`; never back. Costs a few list operations, whatever the distance. */
  advance(nowMs: number): void {
    const toMs = Math.floor(nowMs)
    if (!(toMs > this.#elapsedMs)) return
    if (this.#size > 0) {
      const top = differingLevel(this.#elapsedMs, toMs)
      for (let level = 0; level < top; level++) this.#passSlots(level, SLOTS)
      const digit = digitOf(toMs, top)
      this.#passSlots(top, digit)
      // In level 0 the running slot is exactly this millisecond: expired. Above, it holds both kinds.
      this.#moveList(top * SLOTS + digit, top === 0 ? DUE : UNSORTED)
    }
    this.#elapsedMs = toMs
  }

  /**
   * Takes one id whose deadline has passed out of the wheel, or gives -1. Looks at no more than `maxLooks` unsorted
   * entries; when it gives -1 and `hasExpired` is still true, there was more to look at.
   */
  takeExpired(maxLooks: number): number {
    for (let looks = 0; looks < maxLooks && this.#next[DUE] === DUE; looks++) {
      const node = this.#next[UNSORTED] as number
      if (node === UNSORTED) return -1
      this.#unlink(node)
      this.#link(node - SENTINELS)
    }
    const node = this.#next[DUE] as number
    if (node === DUE) return -1
    const id = node - SENTINELS
    this.remove(id)
    return id
  }

  /** All slots of a level below `end` have passed. */
  #passSlots(level: number, end: number): void {
    for (;;) {
      const bits = this.#occupied[level] as number
      if (bits === 0) return
      const slot = 31 - Math.clz32(bits & -bits)
      if (slot >= end) return
      this.#moveList(level * SLOTS + slot, DUE)
    }
  }

  #moveList(from: number, to: number): void {
    const first = this.#next[from] as number
    if (first === from) return
    const last = this.#previous[from] as number
    const tail = this.#previous[to] as number
    this.#next[tail] = first
    this.#previous[first] = tail
    this.#next[last] = to
    this.#previous[to] = last
    this.#next[from] = from
    this.#previous[from] = from
    this.#markEmpty(from)
  }

  /** Hangs an id where its deadline belongs, as seen from the wheel's time. */
  #link(id: number): void {
    const deadlineMs = this.#deadlineMs[id] as number
    let sentinel = DUE
    if (deadlineMs > this.#elapsedMs) {
      const level = differingLevel(this.#elapsedMs, deadlineMs)
      const slot = digitOf(deadlineMs, level)
      this.#occupied[level] = (this.#occupied[level] as number) | (1 << slot)
      sentinel = level * SLOTS + slot
    }
    const node = SENTINELS + id
    const tail = this.#previous[sentinel] as number
    this.#next[tail] = node
    this.#previous[node] = tail
    this.#next[node] = sentinel
    this.#previous[sentinel] = node
  }

  #unlink(node: number): void {
    const before = this.#previous[node] as number
    const after = this.#next[node] as number
    this.#next[before] = after
    this.#previous[after] = before
    // Equal neighbours are the list's sentinel on both sides: it is empty now.
    if (before === after) this.#markEmpty(before)
  }

  #markEmpty(sentinel: number): void {
    if (sentinel >= DUE) return
    const level = Math.trunc(sentinel / SLOTS)
    this.#occupied[level] = (this.#occupied[level] as number) & ~(1 << (sentinel % SLOTS))
  }
}
