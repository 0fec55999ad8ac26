// From a prefix's text to its cell. A prefix lives as long as something pins it: a run, a host call, or an entry
// (each holds one pin). With the last pin it is idle; some idle ones are kept, because a tenant that stores nothing would
// otherwise be taken in and dropped with each of its runs. Beyond `maxIdle`, or when cells are short, all idle ones go: so
// bookkeeping never outgrows what is in use by more than that.

import type { PrefixCells } from '../shared/prefix-cells.js'

export interface Prefix {
  readonly cell: number
  /** undefined: the space of no prefix, distinct from every text. */
  readonly text: string | undefined
  /** Length of the text in UTF-8; what it adds to an entry's size. */
  readonly bytes: number
  /** Names this prefix in the key index. No number is shared by two prefixes in use. */
  incarnation: number
  /** How many runs, host calls and entries hold it. */
  pins: number
  /** Whether it was idle since it was made, and is noted as such. */
  isNoted: boolean
}

export class Prefixes {
  readonly #cells: PrefixCells
  readonly #byText = new Map<string | undefined, Prefix>()

  readonly #maxIdle: number
  /** Prefixes that were idle once; some may be in use again. */
  #idle: Prefix[] = []

  constructor(cells: PrefixCells, maxIdle = 0) {
    this.#cells = cells
    this.#maxIdle = maxIdle
  }

  /** Prefixes in use, the space of no prefix included. */
  get size(): number {
    return this.#byText.size
  }

  /**
   * The prefix of that text, pinned once: the caller owes one `unpin`. The Map keeps `undefined` apart from every
   * string, the empty one included. Throws MOONPOOL_MEMORY when every cell is in use.
   */
  open(text: string | undefined): Prefix {
    const known = this.#byText.get(text)
    if (known !== undefined) {
      known.pins++
      return known
    }
    if (!this.#cells.hasFree) this.#dropIdle()
    const cell = this.#cells.claim()
    const prefix: Prefix = {
      cell,
      text,
      bytes: text === undefined ? 0 : Buffer.byteLength(text),
      incarnation: this.#cells.incarnation(cell),
      pins: 1,
      isNoted: false,
    }
    this.#byText.set(text, prefix)
    return prefix
  }

  pin(prefix: Prefix): void {
    if (prefix.pins <= 0) throw new Error('a prefix was pinned after its last pin was gone')
    prefix.pins++
  }

  unpin(prefix: Prefix): void {
    if (prefix.pins <= 0) throw new Error('a prefix was unpinned more often than pinned')
    prefix.pins--
    if (prefix.pins > 0 || prefix.isNoted) return
    prefix.isNoted = true
    this.#idle.push(prefix)
    if (this.#idle.length > this.#maxIdle) this.#dropIdle()
  }

  #dropIdle(): void {
    const noted = this.#idle
    this.#idle = []
    for (const prefix of noted) {
      prefix.isNoted = false
      if (prefix.pins > 0) continue
      this.#byText.delete(prefix.text)
      this.#cells.free(prefix.cell)
    }
  }
}
