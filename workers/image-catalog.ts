// The images this worker has met, by id. An id names the same bytes for ever, so an entry is never wrong, only unused:
// the catalog forgets all of them when it has grown long.

import { imageAt } from '../src/shared/image-arena.js'
import type { BaseMemory } from './vm/base-memory.js'
import { Image } from './vm/image.js'

const MAX_KNOWN = 1024

export class ImageCatalog {
  readonly arena: SharedArrayBuffer
  readonly #base: BaseMemory
  readonly #known = new Map<number, Image>()
  #lastId = -1
  #last: Image | undefined

  constructor(arena: SharedArrayBuffer, base: BaseMemory) {
    this.#base = base
    this.arena = arena
  }

  /** The image of a run that this worker has claimed: main keeps its place until the run is settled. */
  open(id: number, offset: number): Image {
    if (id === this.#lastId && this.#last !== undefined) return this.#last
    const image = this.#known.get(id) ?? this.#add(id, offset)
    this.#lastId = id
    this.#last = image
    return image
  }

  #add(id: number, offset: number): Image {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    const image = new Image(this.#base, imageAt(this.arena, offset))
    this.#known.set(id, image)
    return image
  }
}
