// Puts a VM back to an image before each run, and tells whether it stands there.

import { createError } from '../../src/errors.js'
import { heapEnd } from './base-memory.js'
import type { Image } from './image.js'
import { HEAP_BASE, STATIC_END } from './layout.js'
import { writeSeed } from './random-seeds.js'
import { CLEAN_STACK_BYTES, cleanDeepStack, zero } from './shadow-stack.js'
import type { Vm } from './vm.js'
import { composeImage, countRestore } from './whole-images.js'

/**
 * Puts the VM back to `image` and gives math.random a new seed; 1–2 µs for an ordinary script. Afterwards nothing of
 * what ran before is in the VM's memory, and the run thread is as it was when the image was captured.
 *
 * Throws `MOONPOOL_MEMORY` when the VM's memory limit is smaller than the image.
 *
 * What lies between the image's heap end and the last run's is zeroed. A script that writes through a bug of Lua could
 * lower its heap end and so keep bytes of its own from the zeroing, never another run's.
 */
export function restoreImage(vm: Vm, image: Image): void {
  const { heapEnd: end, whole } = image
  const usedEnd = Math.max(heapEnd(vm), vm.imageEnd)
  if (end > vm.sizeBytes && !vm.grow(end)) {
    throw createError('MOONPOOL_MEMORY', 'the loaded script does not fit limits.memoryBytes: raise it')
  }
  const { bytes } = vm
  cleanDeepStack(bytes, vm.hasParsed)
  if (whole === undefined) putTogether(vm, image)
  else {
    bytes.fill(whole.staticPart, 0, STATIC_END)
    bytes.fill(whole.upperPart, HEAP_BASE - CLEAN_STACK_BYTES, end)
  }
  zero(bytes, end, usedEnd)
  vm.hasParsed = false
  vm.imageEnd = end
  vm.scriptName = image.scriptName
  vm.lua.stackRestore(HEAP_BASE)
  writeSeed(vm.words, image.origin.addresses.randomState >>> 2)
}

function putTogether({ bytes, words }: Vm, image: Image): void {
  const { origin, heapEnd: end, tailAt, tail, changes } = image
  bytes.fill(origin.staticPart, 0, STATIC_END)
  bytes.fill(origin.upperPart, HEAP_BASE - CLEAN_STACK_BYTES, tailAt)
  if (tail.length > 0) bytes.fill(tail, tailAt, end)
  for (let n = 0; n < changes.length; n += 2) words[changes[n] as number] = changes[n + 1] as number
  countRestore(image)
}

const RANDOM_STATE_BYTES = 32

/**
 * The first address at which the VM's memory is not what `image` and zeroes elsewhere make it, the seed of math.random
 * aside; undefined when there is none. For tests: compares all of the memory.
 */
export function findDifference(vm: Vm, image: Image): number | undefined {
  const { staticPart, upperPart } = composeImage(image)
  const expected = Buffer.alloc(vm.sizeBytes)
  expected.set(staticPart)
  expected.set(upperPart, HEAP_BASE - CLEAN_STACK_BYTES)
  const { randomState } = image.addresses
  expected.set(vm.bytes.subarray(randomState, randomState + RANDOM_STATE_BYTES), randomState)
  if (image.heapEnd <= vm.sizeBytes && expected.equals(vm.bytes)) return undefined
  return expected.findIndex((byte, address) => byte !== vm.bytes[address])
}
