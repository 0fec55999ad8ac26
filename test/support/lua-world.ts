// A VM with the scripts' world in it, in this thread: loads, runs and reads plain results, without workers.

import assert from 'node:assert/strict'
import { createBaseImage, createVm } from '../../workers/vm/base-image.js'
import { BaseMemory } from '../../workers/vm/base-memory.js'
import { describeError, type ErrorDescription, loadChunk, resumeRun } from '../../workers/vm/execution.js'
import { captureImage, Image } from '../../workers/vm/image.js'
import {
  LUA_OK,
  LUA_TBOOLEAN,
  LUA_TNIL,
  LUA_TNUMBER,
  LUA_TSTRING,
  type LuaState,
} from '../../workers/vm/lua.js'
import { restoreImage } from '../../workers/vm/restoring.js'
import { collectGarbage } from '../../workers/vm/settling.js'
import type { HostFunction, HostFunctions, Vm } from '../../workers/vm/vm.js'
import { compileLua } from '../../workers/vm/wasm.js'

export type PlainResult = undefined | boolean | number | bigint | string

/** Source as text, or as bytes where the bytes matter. */
export type Source = string | Uint8Array

const NOTHING: HostFunction = () => 0

export const SILENT_HOST: HostFunctions = {
  print: NOTHING,
  clock: NOTHING,
  cacheGet: NOTHING,
  cacheFind: NOTHING,
  cachePut: NOTHING,
  cachePutTtl: NOTHING,
  cachePutShort: NOTHING,
}

/** The string at a stack index, one character per byte. */
export function readBytes(vm: Vm, L: LuaState, index: number): string {
  const address = vm.lua.lua_tolstring(L, index, vm.scratch)
  const length = vm.words[vm.scratch >>> 2] as number
  return vm.bytes.toString('latin1', address, address + length)
}

function readResult(vm: Vm, index: number): PlainResult {
  const { lua, runThread } = vm
  const type = lua.lua_type(runThread, index)
  if (type === LUA_TNIL) return undefined
  if (type === LUA_TBOOLEAN) return lua.lua_toboolean(runThread, index) !== 0
  if (type === LUA_TSTRING) return readBytes(vm, runThread, index)
  assert.equal(type, LUA_TNUMBER, 'tests return plain values')
  if (lua.lua_isinteger(runThread, index) === 0) return lua.lua_tonumberx(runThread, index, 0)
  const integer = lua.lua_tointegerx(runThread, index, 0)
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
}

export class LuaWorld {
  readonly module: WebAssembly.Module
  readonly base: Image
  vm: Vm

  /** `origin`: another's base image to start from. */
  constructor(
    memoryBytes: number = 64 * 2 ** 20,
    host: (vm: Vm) => HostFunctions = () => SILENT_HOST,
    origin?: BaseMemory,
  ) {
    this.module = compileLua(memoryBytes)
    this.base = new Image(origin ?? new BaseMemory(createBaseImage(this.module)))
    this.vm = createVm(this.module, this.base, host)
  }

  /** Runs a source from the base image; its results. */
  run(source: Source, name = 'test.lua'): PlainResult[] {
    this.#start(source, name)
    return this.results()
  }

  /** What a source fails with, from the base image: at loading or at running. */
  failure(source: Source, name = 'test.lua'): ErrorDescription {
    restoreImage(this.vm, this.base)
    const failure = loadChunk(this.vm, Buffer.from(source), name)
    if (failure !== undefined) return failure
    const { status } = resumeRun(this.vm, 0)
    assert.notEqual(status, LUA_OK, `${source} must fail`)
    return describeError(this.vm, status)
  }

  /** Runs a source that returns a function, as a script's top level; the image from which `call` calls it. */
  load(source: Source, name = 'test.lua'): Image {
    this.#start(source, name)
    collectGarbage(this.vm)
    return new Image(this.base.origin, captureImage(this.vm, this.base.origin))
  }

  /** Calls the function of an image that `load` made. */
  call(image: Image, vm: Vm = this.vm): PlainResult[] {
    restoreImage(vm, image)
    const { status } = resumeRun(vm, 0)
    assert.equal(status, LUA_OK, status === LUA_OK ? '' : describeError(vm, status).message)
    return this.results(vm)
  }

  results(vm: Vm = this.vm): PlainResult[] {
    const count = vm.lua.lua_gettop(vm.runThread)
    return Array.from({ length: count }, (_, index) => readResult(vm, index + 1))
  }

  #start(source: Source, name: string): void {
    restoreImage(this.vm, this.base)
    const failure = loadChunk(this.vm, Buffer.from(source), name)
    assert.equal(failure, undefined, failure?.message)
    const { status } = resumeRun(this.vm, 0)
    assert.equal(status, LUA_OK, status === LUA_OK ? '' : describeError(this.vm, status).message)
  }
}
