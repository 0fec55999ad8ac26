// A VM and the image of one script, in this thread and without an engine: what a worker does before and in each run,
// taken alone.

import { createBaseImage, createVm } from '../../workers/vm/base-image.js'
import { BaseMemory } from '../../workers/vm/base-memory.js'
import { loadChunk, resumeRun } from '../../workers/vm/execution.js'
import { captureImage, Image } from '../../workers/vm/image.js'
import { HEAP_BASE, STATIC_END } from '../../workers/vm/layout.js'
import { LUA_OK, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS } from '../../workers/vm/lua.js'
import { restoreImage } from '../../workers/vm/restoring.js'
import { collectGarbage } from '../../workers/vm/settling.js'
import { CLEAN_STACK_BYTES } from '../../workers/vm/shadow-stack.js'
import { pushText } from '../../workers/vm/text.js'
import { type HostFunctions, NOBODY, type Vm } from '../../workers/vm/vm.js'
import { compileLua } from '../../workers/vm/wasm.js'

const OWNER = 1
const MEMORY_BYTES = 64 * 2 ** 20

export interface PristineVm {
  readonly vm: Vm
  /** Of what a restore writes. */
  readonly imageSizeBytes: number
  restore(): void
  /** The same for one prefix again and again. */
  restoreForSame(): void
  /** The same from what the image differs in, as when a thread has many images: never by code of its own. */
  restoreDifference(): void
  restoreDifferenceForSame(): void
  /** Calls the script's `main` without an argument; its first result as a number. To be restored before. */
  runMain(): number
}

/** None of them is called by the sources of this bench. */
const HOST_FUNCTIONS: HostFunctions = {
  print: () => 0,
  clock: () => 0,
  cacheGet: () => 0,
  cacheFind: () => 0,
  cachePut: () => 0,
  cachePutTtl: () => 0,
  cachePutShort: () => 0,
}

function run(vm: Vm, what: string): void {
  const { status } = resumeRun(vm, 0)
  if (status !== LUA_OK) throw new Error(`${what} ended with status ${status}`)
}

/** Leaves the script's `main` alone on the run thread's stack. */
function pushMain(vm: Vm): void {
  const { lua, runThread } = vm
  lua.lua_settop(runThread, 0)
  lua.lua_rawgeti(runThread, LUA_REGISTRYINDEX, BigInt(LUA_RIDX_GLOBALS))
  pushText(vm, runThread, 'main')
  lua.lua_rawget(runThread, 1)
  lua.lua_copy(runThread, 2, 1)
  lua.lua_settop(runThread, 1)
}

/** Loads `source` and makes its image, in shared memory as an engine's are. */
export function createPristineVm(source: string): PristineVm {
  const module = compileLua(MEMORY_BYTES)
  const base = new BaseMemory(createBaseImage(module))
  const vm = createVm(module, new Image(base), () => HOST_FUNCTIONS)
  const failure = loadChunk(vm, Buffer.from(source), 'bench.lua')
  if (failure !== undefined) throw new Error(failure.message)
  run(vm, 'the top level')
  pushMain(vm)
  collectGarbage(vm)
  const captured = captureImage(vm, base)
  const shared = Buffer.from(new SharedArrayBuffer(captured.length))
  shared.set(captured)
  const image = new Image(base, shared)
  const restoreDifference = (owner: number): void => {
    image.restores = 0
    image.hot = undefined
    restoreImage(vm, image, owner)
  }
  return {
    vm,
    imageSizeBytes: STATIC_END + CLEAN_STACK_BYTES + image.heapEnd - HEAP_BASE,
    restore: () => restoreImage(vm, image),
    restoreForSame: () => restoreImage(vm, image, OWNER),
    restoreDifference: () => restoreDifference(NOBODY),
    restoreDifferenceForSame: () => restoreDifference(OWNER),
    runMain: () => {
      run(vm, 'main')
      return vm.lua.lua_tonumberx(vm.runThread, 1, 0)
    },
  }
}
