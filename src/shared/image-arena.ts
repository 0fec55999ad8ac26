// Where the images of all scripts lie, outside the memory of every VM: one growable piece of shared memory.
//
//   a place:   word 0  bytes of the script's name      word 1  bytes of the image
//              byte 16 name (at most MAX_NAME_BYTES)
//              byte IMAGE_AT  the image itself
//
// Main hands out places (it alone knows which are free) and grows the memory. The worker that loads a script fills its
// place and then reports the load by its outbox; main makes the image known to runs only after that report, through the
// run queue. Both are sequentially consistent stores, so every worker that claims such a run sees the whole image. From
// then on nobody writes to the place until the last run that pinned it is settled.

import { MAX_NAME_BYTES } from '../limits.js'

const NAME_AT = 16
export const IMAGE_AT: number = NAME_AT + MAX_NAME_BYTES
/** Places begin at multiples of this. */
export const IMAGE_ALIGNMENT = 64
/** At the beginning of the arena: the image that all others descend from. */
export const BASE_IMAGE_OFFSET = 0
export const BASE_IMAGE_BYTES: number = 256 * 1024

export function createImageArena(imageBytes: number): SharedArrayBuffer {
  const maxByteLength = BASE_IMAGE_BYTES + imageBytes
  return new SharedArrayBuffer(BASE_IMAGE_BYTES, { maxByteLength })
}

/** Bytes of a place for an image of this size. */
export function imagePlaceBytes(imageBytes: number): number {
  return Math.ceil((IMAGE_AT + imageBytes) / IMAGE_ALIGNMENT) * IMAGE_ALIGNMENT
}

export interface PlacedImage {
  readonly name: string
  /** Exactly the image's bytes. */
  readonly bytes: Buffer
}

/** Opens a place for writing; the caller fills `bytes`. */
export function createPlacedImage(
  arena: SharedArrayBuffer,
  offset: number,
  name: string,
  imageBytes: number,
): PlacedImage {
  const place = Buffer.from(arena, offset, IMAGE_AT + imageBytes)
  const nameBytes = place.write(name, NAME_AT, MAX_NAME_BYTES, 'utf8')
  place.writeUInt32LE(nameBytes, 0)
  place.writeUInt32LE(imageBytes, 4)
  return { name, bytes: place.subarray(IMAGE_AT) }
}

/** Reads a place that a run names. */
export function placedImage(arena: SharedArrayBuffer, offset: number): PlacedImage {
  const header = Buffer.from(arena, offset, IMAGE_AT)
  const name = header.toString('utf8', NAME_AT, NAME_AT + header.readUInt32LE(0))
  return { name, bytes: Buffer.from(arena, offset + IMAGE_AT, header.readUInt32LE(4)) }
}
