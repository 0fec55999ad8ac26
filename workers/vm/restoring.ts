// Puts a VM back to an image before each run, and tells whether it stands there.
//
//   constants │ variables │ shadow stack │ scratch │ heap │ behind the heap
//               ▔▔▔▔▔▔▔▔▔                            ▔▔▔▔                     before each run
//   ▔▔▔▔▔▔▔▔▔   ▔▔▔▔▔▔▔▔▔   ▔▔▔▔▔▔▔▔▔▔▔▔   ▔▔▔▔▔▔▔   ▔▔▔▔   ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔   when another owner comes, and now and then
//
// Why that is enough: all that Lua knows lies in the heap and in variables. Constants are never written; dead stack,
// scratch and free memory never read before they are written. And when the same image comes again and no collection has
// begun since, strings and compiled code are what they were (lasting-objects.ts): then they, too, are left out.
// Only a script that has a bug of Lua at hand could change any of this. What it leaves is met by some runs for the same
// owner, a cache prefix or a script without one, whose data are its own anyway, and by nobody else. Such a script could
// also lower its heap end and so keep bytes of its own run from the zeroing, where only a script with such a bug finds them.

import { createError } from '../../src/errors.js'
import { heapEnd } from './base-memory.js'
import { composeImage, countRestore, isUncollected, type Restorer, restorerOf } from './hot-images.js'
import type { Image } from './image.js'
import { HEAP_BASE } from './layout.js'
import { drawSeed, isSeedUnused, writeSeed } from './random-seeds.js'
import { linkRestoreCode } from './restore-code.js'
import { CLEAN_STACK_BYTES, cleanDeepStack, zero } from './shadow-stack.js'
import { NOBODY, type Vm } from './vm.js'

/** After as many runs for one owner everything is restored, so that nothing stays longer, whoever left it. */
const MAX_RUNS_OF_OWNER = 64

/**
 * Puts the VM back to `image` and gives math.random a seed of which no script has seen anything. Afterwards nothing of
 * what ran before is in reach of the script, and the run thread is as it was when the image was captured. `owner` is a
 * number for whoever would suffer from what the last run left elsewhere. An ordinary script takes 1.5 to 2 µs when the
 * owner changes, 0.4 µs when the same image comes again for the same, 0.6 to 0.8 µs else.
 *
 * Throws `MOONPOOL_MEMORY` when the VM's memory limit is smaller than the image.
 */
export function restoreImage(vm: Vm, image: Image, owner: number = NOBODY): void {
  const { heapEnd: end } = image
  if (end > vm.sizeBytes && !vm.grow(end)) {
    throw createError('MOONPOOL_MEMORY', 'the loaded script does not fit limits.memoryBytes: raise it')
  }
  vm.usedEnd = Math.max(vm.usedEnd, heapEnd(vm), end, image.origin.heapEnd)
  const isSameOwner = owner !== NOBODY && owner === vm.owner && ++vm.runsOfOwner < MAX_RUNS_OF_OWNER
  const seedAt = image.origin.addresses.randomState >>> 2
  // Nobody has seen anything of a seed that no number came from: it will do again, for the same owner.
  if (!isSameOwner || !isSeedUnused(vm.words, seedAt, vm.seed)) drawSeed(vm.seed)
  const last = vm.restorer
  vm.restorer = last !== undefined && last.hot === image.hot ? last : restorerOf(vm, image)
  if (vm.restorer === undefined) restoreFromDifference(vm, image, isSameOwner)
  else restoreByCode(vm, image, vm.restorer, isSameOwner, vm.restorer === last)
  if (!isSameOwner) vm.runsOfOwner = 0
  vm.owner = owner
  vm.scriptName = image.scriptName
  vm.lua.stackRestore(HEAP_BASE)
  writeSeed(vm.words, seedAt, vm.seed)
}

/** `isSameImage`: the VM was put back to this image last time, too. */
function restoreByCode(
  vm: Vm,
  image: Image,
  { code, hot }: Restorer,
  isSameOwner: boolean,
  isSameImage: boolean,
): void {
  if (!isSameOwner) {
    cleanDeepStack(vm.bytes, vm.hasParsed)
    code.all()
    cleanBehind(vm, image)
  } else if (isSameImage && isUncollected(vm, hot)) code.changing()
  else code.state()
}

function restoreFromDifference(vm: Vm, image: Image, isSameOwner: boolean): void {
  vm.baseCode ??= linkRestoreCode(image.origin.code, vm.memory)
  if (isSameOwner) vm.baseCode.state()
  else {
    cleanDeepStack(vm.bytes, vm.hasParsed)
    vm.baseCode.all()
  }
  addDifference(vm, image)
  if (!isSameOwner) cleanBehind(vm, image)
  countRestore(image)
}

function addDifference({ bytes, words }: Vm, image: Image): void {
  const { tail, changes } = image
  if (tail.length > 0) bytes.fill(tail, image.tailAt, image.heapEnd)
  for (let n = 0; n < changes.length; n += 2) words[changes[n] as number] = changes[n + 1] as number
}

function cleanBehind(vm: Vm, image: Image): void {
  zero(vm.bytes, image.heapEnd, vm.usedEnd)
  vm.usedEnd = image.heapEnd
  vm.hasParsed = false
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
