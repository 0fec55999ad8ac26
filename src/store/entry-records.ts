// What the store knows of each entry beside key, value and deadline, by entry id; and which ids are free. Ids are handed
// out lowest first and freed ones before new ones. So every array by id, here and elsewhere, is reserved for the most
// entries at once and stays resident only as far as the store was ever full: growing never copies, never stalls.

import type { Prefix } from './prefixes.js'

export class EntryRecords {
  readonly #sizeBytes: Float64Array
  readonly #prefixes: (Prefix | undefined)[] = []
  readonly #freed: number[] = []

  constructor(maxEntries: number) {
    this.#sizeBytes = new Float64Array(maxEntries)
  }

  allocate(prefix: Prefix, sizeBytes: number): number {
    const id = this.#freed.pop() ?? this.#prefixes.length
    this.#prefixes[id] = prefix
    this.#sizeBytes[id] = sizeBytes
    return id
  }

  release(id: number): void {
    this.#prefixes[id] = undefined
    this.#freed.push(id)
  }

  prefix(id: number): Prefix {
    const prefix = this.#prefixes[id]
    if (prefix === undefined) throw new Error(`the store holds no entry ${id}`)
    return prefix
  }

  sizeBytes(id: number): number {
    return this.#sizeBytes[id] as number
  }

  resize(id: number, sizeBytes: number): void {
    this.#sizeBytes[id] = sizeBytes
  }
}
