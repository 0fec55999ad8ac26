// What the store knows of each entry beside key, value and deadline: parallel arrays by entry id. Ids are handed out
// lowest first and freed ones before new ones, so all arrays by id (here and elsewhere) stay as short as the store was full.

import type { Prefix } from './prefixes.js'

const INITIAL_IDS = 1024

export class EntryRecords {
  #sizeBytes = new Float64Array(INITIAL_IDS)
  readonly #prefixes: (Prefix | undefined)[] = []
  readonly #freed: number[] = []

  allocate(prefix: Prefix, sizeBytes: number): number {
    const id = this.#freed.pop() ?? this.#prefixes.length
    this.#prefixes[id] = prefix
    if (id >= this.#sizeBytes.length) this.#grow()
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

  #grow(): void {
    const grown = new Float64Array(this.#sizeBytes.length * 2)
    grown.set(this.#sizeBytes)
    this.#sizeBytes = grown
  }
}
