// Which images exist, and where they lie in the image arena. Main thread only: workers learn places from runs.
//
// An image is being built until its load has ended; nobody finds it, and it lives as long as it is pinned. Then it is ready
// and found by its key, and dropped at last. It is pinned by its load, by whoever loaded it and by each run that uses it,
// until that run is settled; its place is given back when it is dropped and the last pin is gone, so no worker ever reads
// a place that is being written.
// Images of scripts stay while somebody holds them. Images of chunks (engine.eval) are kept for the next eval,
// the least recently used go first: beyond `evalScripts`, or when a script or chunk needs their room. Pinned ones do not, so
// runs that wait may pin no more than a part of it (`mayWait`): a tenant with a long line takes nobody else's room.

import { createError, type MoonpoolError } from '../errors.js'
import { imagePlaceBytes } from '../shared/image-arena.js'
import type { ImageKind, ImageRef } from './contract.js'
import type { TenantKey } from './run.js'

export interface Image extends ImageRef {
  readonly id: number
  readonly kind: ImageKind
  readonly name: string
  /** Where it lies, once the worker that builds it has asked for room (`sizeBytes` > 0). */
  offset: number
  sizeBytes: number
  pins: number
  /**
   * Whose turn it was when it was loaded for an eval, or found instead, for each whose run has not come yet. Undefined as long
   * as there was none: each object more that a run touches is one more to be missing from the processor's caches.
   */
  turnsTaken: TenantKey[] | undefined
  /** Kept for the errors of its runs while the sources of all images fit limits.imageBytes, too. */
  source: Uint8Array | undefined
}

/** Chunks that waiting runs pin may take a fourth of what scripts leave. */
const WAITING_PART = 4

/** What images hold together. */
export interface ImageUsage {
  /** Of the images that are being built or can be found. */
  readonly pins: number
  /** Of the places of all images, those that are only pinned any more among them. */
  readonly heldBytes: number
  /** What the arena has grown to. */
  readonly arenaBytes: number
}

interface Span {
  offset: number
  sizeBytes: number
}

/** First-fit rooms in one growable memory; neighbours are joined when they are given back. */
class Rooms {
  readonly #memory: SharedArrayBuffer
  readonly #free: Span[] = []
  #endBytes = 0

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory
  }

  get heldBytes(): number {
    return this.#free.reduce((held, span) => held - span.sizeBytes, this.#endBytes)
  }

  get memoryBytes(): number {
    return this.#memory.byteLength
  }

  take(sizeBytes: number): number | undefined {
    const index = this.#free.findIndex((span) => span.sizeBytes >= sizeBytes)
    const span = this.#free[index]
    if (span !== undefined) {
      const { offset } = span
      span.offset += sizeBytes
      span.sizeBytes -= sizeBytes
      if (span.sizeBytes === 0) this.#free.splice(index, 1)
      return offset
    }
    return this.#extend(sizeBytes)
  }

  give(offset: number, sizeBytes: number): void {
    let index = this.#free.findIndex((span) => span.offset > offset)
    if (index < 0) index = this.#free.length
    this.#free.splice(index, 0, { offset, sizeBytes })
    this.#join(index)
    this.#join(index - 1)
  }

  #extend(sizeBytes: number): number | undefined {
    const last = this.#free.at(-1)
    const touchesEnd = last !== undefined && last.offset + last.sizeBytes === this.#endBytes
    const offset = touchesEnd ? last.offset : this.#endBytes
    const endBytes = offset + sizeBytes
    if (endBytes > this.#memory.maxByteLength) return undefined
    if (touchesEnd) this.#free.pop()
    if (endBytes > this.#memory.byteLength) this.#memory.grow(endBytes)
    this.#endBytes = endBytes
    return offset
  }

  #join(index: number): void {
    const span = this.#free[index]
    const next = this.#free[index + 1]
    if (span === undefined || next === undefined || span.offset + span.sizeBytes !== next.offset) return
    span.sizeBytes += next.sizeBytes
    this.#free.splice(index + 1, 1)
  }
}

export class Images {
  readonly #rooms: Rooms
  readonly #imageBytes: number
  readonly #evalScripts: number
  readonly #building = new Set<Image>()
  /** Those that are ready. */
  readonly #byKey = new Map<string, Image>()
  /** Ready chunks by key, least recently used first. */
  readonly #chunks = new Map<string, Image>()
  readonly #keys = new Map<Image, string>()
  #sourceBytes = 0
  /** Of scripts that are ready. */
  #scriptBytes = 0
  /** Of chunks that are ready and pinned. */
  #pinnedChunkBytes = 0
  #lastId = 0

  constructor(arena: SharedArrayBuffer, imageBytes: number, evalScripts: number) {
    this.#rooms = new Rooms(arena)
    this.#imageBytes = imageBytes
    this.#evalScripts = evalScripts
  }

  get size(): number {
    return this.#building.size + this.#keys.size
  }

  usage(): ImageUsage {
    let pins = 0
    for (const image of this.#building) pins += image.pins
    for (const image of this.#keys.keys()) pins += image.pins
    return { pins, heldBytes: this.#rooms.heldBytes, arenaBytes: this.#rooms.memoryBytes }
  }

  find(key: string): Image | undefined {
    const image = this.#byKey.get(key)
    if (image !== undefined && this.#chunks.delete(key)) this.#chunks.set(key, image)
    return image
  }

  /** A new image, to be built; it has one pin, its load's. */
  create(kind: ImageKind, name: string): Image {
    const image: Image = {
      id: ++this.#lastId,
      kind,
      name,
      offset: 0,
      sizeBytes: 0,
      pins: 1,
      turnsTaken: undefined,
      source: undefined,
    }
    this.#building.add(image)
    return image
  }

  /** It is built, and can be found from now on; there must be none with this key. */
  publish(key: string, image: Image, source: Uint8Array): void {
    this.#building.delete(image)
    this.#byKey.set(key, image)
    this.#keys.set(image, key)
    this.#keepSource(image, source)
    if (image.kind === 'script') {
      this.#scriptBytes += image.sizeBytes
      return
    }
    this.#pinnedChunkBytes += image.sizeBytes
    this.#chunks.set(key, image)
    this.#dropChunksBeyondLimit()
  }

  /** Whether a run may pin this image that is ready, and wait. */
  mayWait({ kind, pins, sizeBytes }: Image): boolean {
    if (kind === 'script') return true
    const pinnedBytes = this.#pinnedChunkBytes + (pins > 0 ? 0 : sizeBytes)
    return pinnedBytes <= (this.#imageBytes - this.#scriptBytes) / WAITING_PART
  }

  /** Room for an image that a worker has built; chunks nobody uses make way. */
  reserve(image: Image, imageBytes: number): number | MoonpoolError {
    const sizeBytes = imagePlaceBytes(imageBytes)
    this.#giveRoom(image)
    let offset = this.#rooms.take(sizeBytes)
    while (offset === undefined && this.#dropOldestChunk()) offset = this.#rooms.take(sizeBytes)
    if (offset === undefined) {
      return createError(
        'MOONPOOL_MEMORY',
        `${image.name}: its image of ${sizeBytes} bytes does not fit beside the others into limits.imageBytes ` +
          `(${this.#imageBytes}): raise it, or keep fewer scripts`,
      )
    }
    image.offset = offset
    image.sizeBytes = sizeBytes
    return offset
  }

  pin(image: Image): void {
    // Only a chunk that is ready has no pin.
    if (image.pins === 0) this.#pinnedChunkBytes += image.sizeBytes
    image.pins++
  }

  unpin(image: Image): void {
    image.pins--
    if (image.pins > 0) return
    const key = this.#keys.get(image)
    if (image.kind === 'script' || key === undefined) {
      this.#drop(image)
      return
    }
    this.#pinnedChunkBytes -= image.sizeBytes
    this.#dropChunksBeyondLimit()
  }

  /** Does not when there is no room for it. */
  #keepSource(image: Image, source: Uint8Array): void {
    if (this.#sourceBytes + source.length > this.#imageBytes) return
    this.#sourceBytes += source.length
    image.source = source
  }

  /** Those in use stay until their last pin is gone. */
  #dropChunksBeyondLimit(): void {
    while (this.#chunks.size > this.#evalScripts && this.#dropOldestChunk());
  }

  /** False when every chunk is in use. */
  #dropOldestChunk(): boolean {
    for (const image of this.#chunks.values()) {
      if (image.pins > 0) continue
      this.#drop(image)
      return true
    }
    return false
  }

  /** Nobody finds it any more; its room comes back with the last pin. */
  #drop(image: Image): void {
    const key = this.#keys.get(image)
    if (key !== undefined) {
      if (image.kind === 'script') this.#scriptBytes -= image.sizeBytes
      this.#keys.delete(image)
      this.#byKey.delete(key)
      this.#chunks.delete(key)
    }
    if (image.pins > 0) return
    this.#building.delete(image)
    this.#giveRoom(image)
    this.#sourceBytes -= image.source?.length ?? 0
    image.source = undefined
  }

  #giveRoom(image: Image): void {
    if (image.sizeBytes > 0) this.#rooms.give(image.offset, image.sizeBytes)
    image.offset = 0
    image.sizeBytes = 0
  }
}
