// Puts a VM back to an image before each run, and tells whether it stands there.
//
//   constants │ variables │ shadow stack │ scratch │ heap │ behind the heap
//               ▔▔▔▔▔▔▔▔▔                            ▔▔▔▔                     before each run
//   ▔▔▔▔▔▔▔▔▔   ▔▔▔▔▔▔▔▔▔   ▔▔▔▔▔▔▔▔▔▔▔▔   ▔▔▔▔▔▔▔   ▔▔▔▔   ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔   when another owner comes
//
// Why that is enough: all that Lua knows lies in the heap and in variables. Constants are never written; dead stack,
// scratch and free memory never read before they are written. Only a script that has a bug of Lua at hand could do so.
// What it leaves there is met by runs for the same owner, a cache prefix or a script without one, whose data are its own
// anyway, and by nobody else. Such a script could also lower its heap end and so keep bytes of its own from the zeroing,
// never another run's.

import { createError } from '../../src/errors.js'
import { heapEnd } from './base-memory.js'
import type { Image } from './image.js'
import { HEAP_BASE, SCRATCH_BYTES, STATIC_END, VARIABLES_AT } from './layout.js'
import { writeSeed } from './random-seeds.js'
import { CLEAN_STACK_BYTES, cleanDeepStack, zero } from './shadow-stack.js'
import type { Vm } from './vm.js'
import { composeImage, countRestore } from './whole-images.js'

/** An owner that is never the same as another. */
export const NOBODY = 0

/**
 * Puts the VM back to `image` and gives math.random a new seed. Afterwards nothing of what ran before is in reach of the
 * script, and the run thread is as it was when the image was captured. `owner` is a number for whoever would suffer from
 * what the last run left elsewhere. An ordinary script takes 1.5 µs when the owner changes, 0.5 µs else.
 *
 * Throws `MOONPOOL_MEMORY` when the VM's memory limit is smaller than the image.
 */
export function restoreImage(vm: Vm, image: Image, owner: number = NOBODY): void {
  const { heapEnd: end } = image
  if (end > vm.sizeBytes && !vm.grow(end)) {
    throw createError('MOONPOOL_MEMORY', 'the loaded script does not fit limits.memoryBytes: raise it')
  }
  vm.usedEnd = Math.max(vm.usedEnd, heapEnd(vm), end)
  if (owner !== NOBODY && owner === vm.owner) restoreState(vm, image)
  else restoreAll(vm, image)
  vm.owner = owner
  vm.scriptName = image.scriptName
  vm.lua.stackRestore(HEAP_BASE)
  writeSeed(vm.words, image.origin.addresses.randomState >>> 2)
}

function restoreState(vm: Vm, image: Image): void {
  const { variables, heapHead, heap } = image.whole ?? image.origin.parts
  const { bytes, words } = vm
  bytes.fill(variables, VARIABLES_AT, STATIC_END)
  for (let n = 0; n < heapHead.length; n++) words[(HEAP_BASE >>> 2) + n] = heapHead[n] as number
  const heapAt = vm.scratch + SCRATCH_BYTES
  bytes.fill(heap, heapAt, image.whole === undefined ? image.tailAt : image.heapEnd)
  if (image.whole === undefined) addDifference(vm, image)
}

function restoreAll(vm: Vm, image: Image): void {
  const { staticPart, upperPart } = image.whole ?? image.origin.parts
  const { bytes } = vm
  cleanDeepStack(bytes, vm.hasParsed)
  bytes.fill(staticPart, 0, STATIC_END)
  bytes.fill(
    upperPart,
    HEAP_BASE - CLEAN_STACK_BYTES,
    image.whole === undefined ? image.tailAt : image.heapEnd,
  )
  if (image.whole === undefined) addDifference(vm, image)
  zero(bytes, image.heapEnd, vm.usedEnd)
  vm.usedEnd = image.heapEnd
  vm.hasParsed = false
}

function addDifference({ bytes, words }: Vm, image: Image): void {
  const { tail, changes } = image
  if (tail.length > 0) bytes.fill(tail, image.tailAt, image.heapEnd)
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
