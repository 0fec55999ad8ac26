// The encoded value of each entry, by entry id.

export interface ValueBytes {
  /** Copies `bytes` in; what the id held before is overwritten. */
  write(id: number, bytes: Uint8Array): void
  /** Not a copy: valid until the next `write` or `release` of this id. */
  read(id: number): Uint8Array
  release(id: number): void
}

const NOTHING = new Uint8Array(0)

/** One array for each entry, in plain memory. */
export class HeapValueBytes implements ValueBytes {
  readonly #values: Uint8Array[] = []

  write(id: number, bytes: Uint8Array): void {
    // Ids are handed out lowest first, so `id` is at most the array's length and the array stays packed.
    const old = this.#values[id]
    if (old !== undefined && old.length === bytes.length) {
      old.set(bytes)
      return
    }
    // Not slice(): of a Buffer it would be a view, and of shared memory it would follow the ring.
    const copy = new Uint8Array(bytes.length)
    copy.set(bytes)
    this.#values[id] = copy
  }

  read(id: number): Uint8Array {
    return this.#values[id] ?? NOTHING
  }

  release(id: number): void {
    this.#values[id] = NOTHING
  }
}
