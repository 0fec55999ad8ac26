// From a prefix's text to its cell. A prefix lives as long as something pins it: a run, a host call, or an entry
// (each holds one pin). With the last pin its cell and its record are gone, so bookkeeping never outgrows what is in use.

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
}

export class Prefixes {
  readonly #cells: PrefixCells
  readonly #byText = new Map<string | undefined, Prefix>()

  constructor(cells: PrefixCells) {
    this.#cells = cells
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
    const cell = this.#cells.claim()
    const prefix: Prefix = {
      cell,
      text,
      bytes: text === undefined ? 0 : Buffer.byteLength(text),
      incarnation: this.#cells.incarnation(cell),
      pins: 1,
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
    if (prefix.pins > 0) return
    this.#byText.delete(prefix.text)
    this.#cells.free(prefix.cell)
  }
}
