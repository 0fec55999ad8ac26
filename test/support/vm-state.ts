// What Lua knows of a VM's memory, compared with an image.

import assert from 'node:assert/strict'
import { composeImage } from '../../workers/vm/hot-images.js'
import type { Image } from '../../workers/vm/image.js'
import { findFreeRanges } from '../../workers/vm/lasting-objects.js'
import { HEAP_BASE, SCRATCH_BYTES, STATIC_END } from '../../workers/vm/layout.js'
import { CLEAN_STACK_BYTES } from '../../workers/vm/shadow-stack.js'
import type { Vm } from '../../workers/vm/vm.js'

/** Whether static data and heap are the image's, the seed of math.random and what is free aside. */
export function assertState({ bytes }: Vm, image: Image): void {
  const { staticPart, upperPart } = composeImage(image)
  assert.ok(staticPart.equals(bytes.subarray(0, STATIC_END)), 'static data')
  const imageHeap = upperPart.subarray(CLEAN_STACK_BYTES)
  const { scratch, randomState } = image.addresses
  const heapAt = scratch + SCRATCH_BYTES
  const heap = imageHeap.subarray(heapAt - HEAP_BASE)
  bytes.copy(heap, randomState - heapAt, randomState, randomState + 32)
  const words = new Uint32Array(Uint8Array.from(imageHeap).buffer)
  for (const { from, to } of findFreeRanges(words, heapAt)) bytes.copy(heap, from - heapAt, from, to)
  assert.ok(heap.equals(bytes.subarray(heapAt, image.heapEnd)), 'heap')
  const allocatorWords = imageHeap.subarray(0, scratch - HEAP_BASE)
  assert.ok(allocatorWords.equals(bytes.subarray(HEAP_BASE, scratch)), "the allocator's words")
}
