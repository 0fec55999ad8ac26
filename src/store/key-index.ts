// From (incarnation, key bytes) to an entry's id.

export interface KeyIndex {
  /** The id under exactly these bytes of this incarnation, or -1. */
  find(incarnation: number, key: Uint8Array): number
  /** Binds the key of the latest `find`, which must have found nothing, to `id`. Removals may lie between. */
  insert(id: number): void
  /** Unbinds the key that `id` was inserted under. */
  remove(id: number): void
}

const NO_NAME = ''

/**
 * A Map over names: `<incarnation>:` in decimal, then the key as Latin-1. Injective: the first colon ends the digits,
 * wherever else colons stand, and Latin-1 gives every byte its own character, NUL and non-UTF-8 included.
 */
export class MapKeyIndex implements KeyIndex {
  readonly #ids = new Map<string, number>()
  /** By id, so that an eviction, which knows ids only, finds the name. */
  readonly #names: string[] = []
  #lastName = NO_NAME

  find(incarnation: number, key: Uint8Array): number {
    this.#lastName = `${incarnation}:${latin1(key)}`
    return this.#ids.get(this.#lastName) ?? -1
  }

  insert(id: number): void {
    this.#ids.set(this.#lastName, id)
    this.#names[id] = this.#lastName
  }

  remove(id: number): void {
    this.#ids.delete(this.#names[id] ?? NO_NAME)
    this.#names[id] = NO_NAME
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.prototype.latin1Slice.call(bytes, 0, bytes.length)
}
