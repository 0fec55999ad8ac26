// Whole copies of the few images that this thread restores most. Copying one piece is a little faster (0.3 µs) than
// putting an image together from what all share and what it differs in, as long as few of them are in use: a copy takes
// 75 KB, so many would push each other out of the processor's cache, which costs far more.
//
// A copy is made of what the image itself is made of, never of a VM's memory, and belongs to this thread. An image that
// was restored WHOLE_AFTER times gets one; with more than KEPT such images each loses its own again before long, and
// making them costs a hundredth of the runs' time.

import { cutParts, type MemoryParts } from './base-memory.js'
import type { Image } from './image.js'
import { HEAP_BASE, STATIC_END } from './layout.js'
import { CLEAN_STACK_BYTES } from './shadow-stack.js'

const KEPT = 4
const WHOLE_AFTER = 256
/** Of a larger image the difference is most. */
const MAX_WHOLE_BYTES: number = 256 * 1024

const kept: Image[] = []
let next = 0

/** Puts an image together. */
export function composeImage({ origin, heapEnd, tailAt, tail, changes }: Image): MemoryParts {
  const upperFrom = HEAP_BASE - CLEAN_STACK_BYTES
  const staticPart = Buffer.from(Uint8Array.from(origin.parts.staticPart))
  const upperPart = Buffer.from(new ArrayBuffer(heapEnd - upperFrom))
  upperPart.set(origin.parts.upperPart.subarray(0, tailAt - upperFrom))
  upperPart.set(tail, tailAt - upperFrom)
  for (let n = 0; n < changes.length; n += 2) {
    const at = 4 * (changes[n] as number)
    if (at < STATIC_END) staticPart.writeUInt32LE(changes[n + 1] as number, at)
    else upperPart.writeUInt32LE(changes[n + 1] as number, at - upperFrom)
  }
  return cutParts(staticPart, upperPart, origin.addresses.scratch)
}

/** To be called when `image` is restored from its difference. */
export function countRestore(image: Image): void {
  if (++image.restores < WHOLE_AFTER) return
  image.restores = 0
  if (image.heapEnd - HEAP_BASE > MAX_WHOLE_BYTES) return
  const last = kept[next]
  if (last !== undefined) last.whole = undefined
  image.whole = composeImage(image)
  kept[next] = image
  next = (next + 1) % KEPT
}
