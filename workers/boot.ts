// Starts a worker: joins it to the engine's shared memory, gives it Lua, tests both.
//
// The first worker of an engine compiles Lua and builds the base image into the image arena; the others get the compiled
// module and the base image's addresses. Main passes them on unseen, and orders them: no other worker boots before.

import { createClock } from '../src/clock.js'
import type { BootRequest } from '../src/shared/boot.js'
import {
  BASE_IMAGE_BYTES,
  BASE_IMAGE_OFFSET,
  createPlacedImage,
  placedImage,
} from '../src/shared/image-arena.js'
import { RunQueueReader } from '../src/shared/run-queue.js'
import { MainThreadReader, OutboxCacheWriter } from './cache-access.js'
import { CacheModule } from './cache-module.js'
import { ImageCatalog } from './image-catalog.js'
import { MainLink } from './main-link.js'
import { Printer } from './print.js'
import { Runner } from './run.js'
import { RunLoop } from './run-loop.js'
import { captureImage, imageBytes } from './vm/image.js'
import { createBaseState } from './vm/sandbox.js'
import { testVm } from './vm/self-test.js'
import { type HostFunctions, Vm, type VmAddresses } from './vm/vm.js'
import { warmUp } from './vm/warm-up.js'
import { compileLua } from './vm/wasm.js'
import { VmKeeper } from './vm-keeper.js'

/** What the first worker made, as the others get it. */
interface CompiledLua {
  readonly module: WebAssembly.Module
  readonly addresses: VmAddresses
}

export function bootWorker(request: BootRequest): { loop: RunLoop; lua: object } {
  const { worker, memory, cache, memoryBytes } = request
  const clock = createClock(memory.clock)
  const link = new MainLink(memory, worker)
  const printer = new Printer(link)
  const reader = new MainThreadReader(link)
  const module = new CacheModule(cache, reader, new OutboxCacheWriter(link), () => clock.nowMs())
  const hostFunctions = (vm: Vm): HostFunctions => ({
    print: printer.function(vm),
    clock: (L) => {
      vm.lua.lua_pushnumber(L, clock.monotonicMs() / 1000)
      return 1
    },
    cacheGet: module.get(vm),
    cachePut: module.put(vm),
    cachePutTtl: module.putTtl(vm),
  })
  const lua = (request.lua as CompiledLua | undefined) ?? buildBase(memory.images, memoryBytes, hostFunctions)
  const base = placedImage(memory.images, BASE_IMAGE_OFFSET).bytes
  const vms = new VmKeeper(() => {
    const vm = new Vm(lua.module, hostFunctions)
    vm.adopt(lua.addresses)
    return vm
  })
  testVm(vms.current, base)
  warmUp(vms.current, base)
  const images = new ImageCatalog(memory.images)
  const runner = new Runner({ link, vms, images, base, printer, cache: module, clock, limits: request })
  return { loop: new RunLoop(link, new RunQueueReader(memory.runQueue, worker), runner), lua }
}

function buildBase(
  arena: SharedArrayBuffer,
  memoryBytes: number,
  hostFunctions: (vm: Vm) => HostFunctions,
): CompiledLua {
  const module = compileLua(memoryBytes)
  const vm = new Vm(module, hostFunctions)
  createBaseState(vm)
  const sizeBytes = imageBytes(vm)
  if (sizeBytes > BASE_IMAGE_BYTES / 2)
    throw new Error(`the base image has ${sizeBytes} bytes, more than its place`)
  captureImage(vm, createPlacedImage(arena, BASE_IMAGE_OFFSET, 'base', sizeBytes).bytes)
  return { module, addresses: vm.addresses }
}
