// A VM whose cache.get reads a store of the same thread: by the native code, and in JavaScript what that leaves over. Between
// any two parts of a long value the test may change the store, the VM, or have the run stopped.

import { ByteWriter, decodeValue, type LuaValue } from '../../src/shared/values.js'
import type { Prefix } from '../../src/store/prefixes.js'
import type { Store } from '../../src/store/store.js'
import { createViewFinder, type ViewFinder } from '../../workers/view-finder.js'
import { describeError, loadChunk, type RunEnd, resumeRun } from '../../workers/vm/execution.js'
import { STATE } from '../../workers/vm/layout.js'
import { LUA_OK, type LuaState } from '../../workers/vm/lua.js'
import { NOT_FOUND, PUSHED } from '../../workers/vm/native.js'
import { restoreImage } from '../../workers/vm/restoring.js'
import { encodeStack, pushValue } from '../../workers/vm/stack-values.js'
import type { Vm } from '../../workers/vm/vm.js'
import { bytes } from '../store/fixture.js'
import { MIB } from './encoding.js'
import { LuaWorld, readBytes, SILENT_HOST } from './lua-world.js'

/** In global_State, each a byte: how the collector paces itself. */
const PACES = [84, 85, 86]

/** From now on every allocation moves the collector a little, and a cycle is followed by the next. */
export function hurryCollector({ words, bytes, mainState }: Vm): void {
  const global = words[(mainState + STATE.global) >>> 2] as number
  for (const pace of PACES) bytes[global + pace] = 0
}

interface Finder extends ViewFinder {
  takePart(offset: number): void
  endParts(end: number): number
}

const MAX_KEY_BYTES = 1024

export class ReadingVm {
  readonly world: LuaWorld
  /** Called before each part of a long value is taken: the how manieth it is of its run. */
  beforePart: (part: number) => void = () => {}
  /** Called before the last look at the sequence. */
  beforeEnd: () => void = () => {}
  /** Calls of cache.get in this run that the native code did not answer. */
  elsewhere = 0
  parts = 0

  constructor(store: Store, prefix: Prefix, memoryBytes: number = 64 * MIB) {
    const finder = createViewFinder(store.view, 0) as Finder
    finder.noteOwnWrites(false)
    finder.beginRun(Number.NEGATIVE_INFINITY)
    const viewFinder = {
      ...finder,
      takePart: (offset: number) => {
        this.beforePart(this.parts++)
        finder.takePart(offset)
      },
      endParts: (end: number) => {
        this.beforeEnd()
        return finder.endParts(end)
      },
    }
    /** Pushes what the store has, if it has anything. */
    const push = (vm: Vm, L: LuaState, key: Uint8Array): boolean => {
      this.elsewhere++
      const found = store.get(prefix, key)
      if (found !== undefined) pushValue(vm, L, found, { offset: 0 })
      return found !== undefined
    }
    this.world = new LuaWorld(memoryBytes, (vm) => ({
      ...SILENT_HOST,
      viewFinder,
      clock: () => {
        hurryCollector(vm)
        return 0
      },
      cacheFind: (L, _hash, at, length) =>
        push(vm, L, vm.bytes.subarray(at, at + length)) ? PUSHED : NOT_FOUND,
      cacheGet: (L) => {
        if (!push(vm, L, bytes(readBytes(vm, L, 1)))) vm.lua.lua_pushvalue(L, 2)
        return 1
      },
    }))
    const { native, scratch } = this.world.vm
    native.setSecret(store.view.secret.k0, store.view.secret.k1)
    native.beginRun(prefix.incarnation, MAX_KEY_BYTES, scratch)
  }

  /** Runs `source` from the base image, for `owner`. */
  start(source: string, owner?: number): RunEnd {
    const { vm, base } = this.world
    this.elsewhere = 0
    this.parts = 0
    restoreImage(vm, base, owner)
    const failure = loadChunk(vm, Buffer.from(source), 'reads.lua')
    if (failure !== undefined) throw new Error(failure.message)
    return resumeRun(vm, 0)
  }

  /** What `source` returns first. */
  run(source: string, owner?: number): LuaValue {
    const { vm } = this.world
    const { status, resultCount } = this.start(source, owner)
    if (status !== LUA_OK) throw new Error(describeError(vm, status).message)
    const out = new ByteWriter()
    const refusal = encodeStack(vm, vm.runThread, -resultCount, out, 64 * MIB)
    if (refusal !== undefined) throw new Error(refusal)
    return decodeValue(out.slice(), { offset: 0 })
  }
}
