// From a source to an image: what engine.load and the first eval of a chunk have a worker do.
//
//   base image ─▶ ask main for the source ─▶ compile ─▶ run the top level (scripts only) ─▶ main on the stack
//   ─▶ collect garbage ─▶ ask main for a place in the image arena ─▶ copy there what differs from the base image
//
// Main answers "nothing" to the first where nothing is to be done: an equal load has made the image, or nobody waits.
// The image's stack holds one value: the script's global `main` (whatever it is), or the chunk itself.

import { createPlace } from '../src/shared/image-arena.js'
import { ByteWriter } from '../src/shared/values.js'
import type { CacheRun } from './cache-module.js'
import { Fault } from './fault.js'
import type { MainLink } from './main-link.js'
import { describeError, loadChunk, resumeRun } from './vm/execution.js'
import { captureImage, type Image } from './vm/image.js'
import { LUA_OK, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS } from './vm/lua.js'
import { restoreImage } from './vm/restoring.js'
import { collectGarbage } from './vm/settling.js'
import { pushText } from './vm/text.js'
import type { Vm } from './vm/vm.js'

export interface Load {
  readonly vm: Vm
  readonly link: MainLink
  readonly arena: SharedArrayBuffer
  readonly base: Image
  readonly cacheRun: CacheRun
  readonly isChunk: boolean
}

const NO_BYTES = new Uint8Array(0)
const GLOBALS = BigInt(LUA_RIDX_GLOBALS)

/** Throws a Fault when the source cannot be loaded. */
export function loadImage(load: Load): void {
  const { vm, link, isChunk } = load
  restoreImage(vm, load.base)
  const fetched = fetchSource(link)
  if (fetched === undefined) return
  const failure = loadChunk(vm, fetched.source, fetched.name)
  if (failure !== undefined) throw Fault.ofLua(failure)
  if (!isChunk) runTopLevel(load)
  collectGarbage(vm)
  place(load)
}

function runTopLevel({ vm, cacheRun }: Load): void {
  const { lua, runThread } = vm
  const { status } = resumeRun(vm, 0)
  if (status !== LUA_OK) {
    const description = describeError(vm, status)
    const isCacheCall =
      cacheRun.wasUsedWhileLoading && description.message.includes('not while the script loads')
    throw Fault.ofLua(isCacheCall ? { ...description, code: 'MOONPOOL_LOADING' } : description)
  }
  lua.lua_settop(runThread, 0)
  lua.lua_rawgeti(runThread, LUA_REGISTRYINDEX, GLOBALS)
  pushText(vm, runThread, 'main')
  lua.lua_rawget(runThread, 1)
  lua.lua_copy(runThread, 2, 1)
  lua.lua_settop(runThread, 1)
}

function fetchSource(link: MainLink): { name: string; source: Uint8Array } | undefined {
  const answer = link.call('source', NO_BYTES, 0)
  if (answer === undefined) return undefined
  const { bytes, at, lengthBytes } = answer
  const nameEnd = at + 4 + bytes.readUInt32LE(at)
  const name = bytes.toString('utf8', at + 4, nameEnd)
  const source = Uint8Array.prototype.slice.call(bytes, nameEnd, at + lengthBytes)
  link.done()
  return { name, source }
}

/** Main answers "nothing" when there is no room, and knows what to tell the caller. */
function place({ vm, base, link, arena }: Load): void {
  const image = captureImage(vm, base.origin)
  const request = new ByteWriter(8)
  request.u32(image.length)
  const answer = link.call('reserveImage', request.bytes, request.length)
  if (answer === undefined) throw new Fault('MOONPOOL_MEMORY', 'the image does not fit limits.imageBytes')
  const offset = answer.bytes.readUInt32LE(answer.at)
  link.done()
  createPlace(arena, offset, image.length).set(image)
}
