// Entries whose bytes are not in the arena, by id: strays, and those that found their stripe full. Few, if any.

import { ByteRange } from '../shared/byte-range.js'
import { wordsFor } from '../shared/key-hash.js'

/** A key as the view knows it. */
export interface EntryKey {
  readonly hash: number
  readonly incarnation: number
  readonly bytes: number
  /** The key's bytes in words, the last filled up with zeros; there may be more behind. */
  readonly words: Int32Array
}

/** A copy of everything that slot and block would say. */
export class KeptEntry implements EntryKey {
  readonly hash: number
  readonly incarnation: number
  readonly bytes: number
  readonly words: Int32Array
  readonly value: Uint8Array
  readonly deadlineMs: number
  /** The stripe that had no slot for it; undefined when it has one. */
  fullStripe: number | undefined

  constructor(key: EntryKey, value: ByteRange, deadlineMs: number, fullStripe: number | undefined) {
    this.hash = key.hash
    this.incarnation = key.incarnation
    this.bytes = key.bytes
    this.words = key.words.slice(0, wordsFor(key.bytes))
    this.value = value.slice()
    this.deadlineMs = deadlineMs
    this.fullStripe = fullStripe
  }

  hasKey(key: EntryKey): boolean {
    if (this.hash !== key.hash || this.incarnation !== key.incarnation || this.bytes !== key.bytes)
      return false
    return this.words.every((word, n) => word === key.words[n])
  }
}

export class KeptEntries {
  readonly #entries = new Map<number, KeptEntry>()
  readonly #range = new ByteRange()
  readonly #byStripe = new Map<number, Set<number>>()

  get size(): number {
    return this.#entries.size
  }

  get(id: number): KeptEntry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw new Error(`the store holds no bytes of entry ${id}`)
    return entry
  }

  /** Copies key and value, in place of what the id had. `fullStripe` is given with the first copy, and stays. */
  add(id: number, key: EntryKey, value: ByteRange, deadlineMs: number, fullStripe?: number): void {
    const stripe = fullStripe ?? this.#entries.get(id)?.fullStripe
    this.#entries.set(id, new KeptEntry(key, value, deadlineMs, stripe))
    if (stripe === undefined) return
    const ids = this.#byStripe.get(stripe)
    if (ids === undefined) this.#byStripe.set(stripe, new Set([id]))
    else ids.add(id)
  }

  /** An entry's value, to be copied at once. */
  range(entry: KeptEntry): ByteRange {
    return this.#range.setBytes(entry.value)
  }

  remove(id: number): void {
    const { fullStripe } = this.get(id)
    if (fullStripe !== undefined) this.#leave(fullStripe, id)
    this.#entries.delete(id)
  }

  /** The id of a key that found that stripe full, or -1. */
  findInStripe(stripe: number, key: EntryKey): number {
    for (const id of this.#byStripe.get(stripe) ?? []) if (this.get(id).hasKey(key)) return id
    return -1
  }

  /** One of the entries that found the stripe full, which gets a slot now. There must be one. */
  leaveStripe(stripe: number): number {
    for (const id of this.#byStripe.get(stripe) ?? []) {
      this.#leave(stripe, id)
      this.get(id).fullStripe = undefined
      return id
    }
    throw new Error(`no entry waits for a slot of stripe ${stripe}`)
  }

  #leave(stripe: number, id: number): void {
    const ids = this.#byStripe.get(stripe)
    ids?.delete(id)
    if (ids?.size === 0) this.#byStripe.delete(stripe)
  }
}
