// Where the images of all scripts lie, outside the memory of every VM: one growable piece of shared memory.
//
//   a place:   word 0         bytes of the image
//              byte IMAGE_AT  the image itself
//
// Main hands out places (it alone knows which are free) and grows the memory. The worker that loads a script fills its
// place and then reports the load by its outbox; main makes the image known to runs only after that report, through the
// run queue. Both are sequentially consistent stores, so every worker that claims such a run sees the whole image. From
// then on nobody writes to the place until the last run that pinned it is settled.

/** A line of its own for the header: images are copied with whole vectors. */
export const IMAGE_AT = 64
/** Places begin at multiples of this. */
export const IMAGE_ALIGNMENT = 64

export function createImageArena(imageBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(0, { maxByteLength: imageBytes })
}

/** Bytes of a place for an image of this size. */
export function imagePlaceBytes(imageBytes: number): number {
  return Math.ceil((IMAGE_AT + imageBytes) / IMAGE_ALIGNMENT) * IMAGE_ALIGNMENT
}

/** Opens a place for writing: exactly the image's bytes, for the caller to fill. */
export function createPlace(arena: SharedArrayBuffer, offset: number, imageBytes: number): Buffer {
  const place = Buffer.from(arena, offset, IMAGE_AT + imageBytes)
  place.writeUInt32LE(imageBytes, 0)
  return place.subarray(IMAGE_AT)
}

/** The image at a place that a run names. */
export function imageAt(arena: SharedArrayBuffer, offset: number): Buffer {
  const imageBytes = Buffer.from(arena, offset, IMAGE_AT).readUInt32LE(0)
  return Buffer.from(arena, offset + IMAGE_AT, imageBytes)
}
