// The base image on its own, and VMs that start from an image.

import { captureBase } from './base-memory.js'
import { shortStrings } from './fixed-strings.js'
import type { Image } from './image.js'
import { InstructionBudget } from './instruction-budget.js'
import { restoreImage } from './restoring.js'
import { createBaseState } from './sandbox.js'
import { type HostFunctions, Vm } from './vm.js'

const neverCalled = (): never => {
  throw new Error('a host function was called while the base image was made')
}
const PLACEHOLDERS: HostFunctions = {
  print: neverCalled,
  clock: neverCalled,
  cacheGet: neverCalled,
  cacheFind: neverCalled,
  cachePut: neverCalled,
  cachePutTtl: neverCalled,
  cachePutShort: neverCalled,
}

/**
 * Makes the image that all others of an engine descend from, once per engine. Lies in shared memory. `instructions`: the
 * limit, undefined for none; VMs that start from it need a budget of the same.
 */
export function createBaseImage(module: WebAssembly.Module, instructions?: number): Buffer {
  const create = (names: readonly Uint8Array[]): Vm => {
    const vm = new Vm(module, () => PLACEHOLDERS)
    vm.budget = new InstructionBudget(instructions)
    createBaseState(vm, names)
    return vm
  }
  return captureBase(create(shortStrings(create([]))))
}

/** A VM that stands at `image`, which may be any descendant of the engine's base image. */
export function createVm(
  module: WebAssembly.Module,
  image: Image,
  hostFunctions: (vm: Vm) => HostFunctions,
): Vm {
  const vm = new Vm(module, hostFunctions)
  vm.adopt(image.addresses)
  restoreImage(vm, image)
  return vm
}
