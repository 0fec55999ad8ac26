// Starts a worker: joins it to the engine's shared memory, gives it Lua, tests both.
//
// The first worker of an engine compiles Lua and builds the base image; the others get both. Main passes them on unseen
// and sees to the order: no other worker boots before.

import type { MessagePort } from 'node:worker_threads'
import { createClock } from '../src/clock.js'
import type { BootRequest, WorkerReport } from '../src/shared/boot.js'
import { ReadCounter } from '../src/shared/read-counts.js'
import { RunQueueReader } from '../src/shared/run-queue.js'
import { openView } from '../src/shared/view-layout.js'
import { ViewReader } from '../src/shared/view-reader.js'
import type { WatchdogBell } from '../src/shared/watchdog-bell.js'
import { LocalReader, OutboxWriterOfCache } from './cache-access.js'
import { CacheModule } from './cache-module.js'
import { ImageCatalog } from './image-catalog.js'
import { MainLink } from './main-link.js'
import { Overlay } from './overlay.js'
import { OwnWrites } from './own-writes.js'
import { Printer } from './print.js'
import { Runner } from './run.js'
import { RunClock } from './run-clock.js'
import { RunLoop } from './run-loop.js'
import { lowerPriority } from './thread-priority.js'
import { createViewFinder } from './view-finder.js'
import { testArming } from './vm/arming-test.js'
import { createBaseImage, createVm } from './vm/base-image.js'
import { BaseMemory } from './vm/base-memory.js'
import type { HookOffsets } from './vm/hook-arming.js'
import { Image } from './vm/image.js'
import { InstructionBudget } from './vm/instruction-budget.js'
import { testVm } from './vm/self-test.js'
import type { HostFunctions, Vm } from './vm/vm.js'
import { warmUp } from './vm/warm-up.js'
import { compileLua } from './vm/wasm.js'
import { VmKeeper, type VmListener, type VmNews } from './vm-keeper.js'

/** What the first worker made, as the others get it. */
interface CompiledLua {
  readonly module: WebAssembly.Module
  /** The base image, in shared memory. */
  readonly base: Uint8Array
}

export interface BootedWorker {
  readonly loop: RunLoop
  /** For the engine's other workers. */
  readonly lua: object
  /** Whether its runs can be stopped without ending the thread. */
  readonly canBeArmed: boolean
  report(): WorkerReport
}

/** `vms` goes to the watchdog thread. */
export function bootWorker(request: BootRequest, vms: MessagePort): BootedWorker {
  const { worker, memory, cache, memoryBytes, instructions } = request
  const clock = createClock(memory.clock)
  const link = new MainLink(memory, worker)
  const printer = new Printer(link)
  const nowMs = (): number => clock.nowMs()
  const view = new ViewReader(openView(memory.view))
  const counter = new ReadCounter(memory.readCounts, worker)
  const runClock = new RunClock(clock)
  const finder = createViewFinder(memory.view, worker)
  const overlay = new Overlay(link.outbox, new OwnWrites(link.outbox, finder))
  const access = { link, view, overlay, counter, clock: runClock, finder }
  const reader = new LocalReader(access)
  const module = new CacheModule(cache, view.key, reader, new OutboxWriterOfCache(access), nowMs)
  const hostFunctions = (vm: Vm): HostFunctions => ({
    print: printer.function(vm),
    clock: (L) => {
      vm.lua.lua_pushnumber(L, clock.monotonicMs() / 1000)
      return 1
    },
    cacheGet: module.get(vm),
    cacheFind: module.find(vm),
    viewFinder: finder,
    cachePut: module.put(vm),
    cachePutTtl: module.putTtl(vm),
    cachePutShort: module.putShort(vm),
  })
  const lua = (request.lua as CompiledLua | undefined) ?? compile(memoryBytes, instructions)
  const base = new Image(
    new BaseMemory(Buffer.from(lua.base.buffer, lua.base.byteOffset, lua.base.byteLength)),
  )
  const { secret } = memory.view
  const create = (): Vm => {
    const vm = createVm(lua.module, base, hostFunctions)
    vm.native.setSecret(secret.k0, secret.k1)
    vm.mustStop = () => !link.runWord.mayAct()
    vm.budget = new InstructionBudget(instructions)
    return vm
  }
  const keeper = new VmKeeper(create, announceVms(vms, link.watchdog))
  testVm(keeper.current, base)
  const canBeArmed = testArming(keeper.current, base, request.hookOffsets as HookOffsets | undefined)
  // Code that the first worker made fast is shared by all of the process.
  if (request.lua === undefined) warmUp(keeper.current, base)
  const images = new ImageCatalog(memory.images, base.origin)
  const runner = new Runner({
    prefixCells: new Uint32Array(memory.prefixCells),
    link,
    vms: keeper,
    images,
    base,
    printer,
    cache: module,
    clock,
    runClock,
    reader,
    counter,
    limits: request,
  })
  lowerPriority(request.niceIncrement)
  const loop = new RunLoop(link, new RunQueueReader(memory.runQueue, worker), runner)
  return { loop, lua, canBeArmed, report: () => keeper.report() }
}

function announceVms(port: MessagePort, watchdog: WatchdogBell): VmListener {
  const post = (news: VmNews): void => port.postMessage(news)
  return {
    onCreated: ({ memory, runThread, functions: { hook } }) => post({ memory, runThread, hook }),
    onDropped: () => {
      post('dropped')
      watchdog.ring()
    },
  }
}

function compile(memoryBytes: number, instructions: number | undefined): CompiledLua {
  const module = compileLua(memoryBytes)
  return { module, base: createBaseImage(module, instructions) }
}
