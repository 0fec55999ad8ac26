// The few images that this thread restores most have code of their own (restore-code.ts), which takes half as long for
// one owner as putting an image together from what all share and what it differs in. Making it costs half a millisecond, so only
// an image that was restored HOT_AFTER times gets it; with more than KEPT such images each loses its own again before
// long, and making them costs a thirtieth of the runs' time. It takes 75 KB: many would push each other out of the
// processor's cache.
//
// The code is made of what the image itself is made of, never of a VM's memory, and belongs to this thread.

import type { MemoryParts } from './base-memory.js'
import type { Image } from './image.js'
import { findChangingRanges } from './lasting-objects.js'
import { GLOBAL, HEAP_BASE, SCRATCH_BYTES, STATE, STATIC_END, STDIO_BUFFERS, VARIABLES_AT } from './layout.js'
import type { Pointer } from './lua.js'
import { compileRestoreCode, linkRestoreCode, type RestoreCode } from './restore-code.js'
import { CLEAN_STACK_BYTES } from './shadow-stack.js'
import type { Vm } from './vm.js'

const KEPT = 4
export const HOT_AFTER = 4096
/** Of a larger image the difference is most. */
const MAX_HOT_BYTES: number = 256 * 1024
/** Of global_State: a collection that has begun shows in the first two, a table of strings that grew in the others. */
const WITNESSES = [GLOBAL.collector, GLOBAL.estimate, GLOBAL.stringTable, GLOBAL.stringTableSize]

export interface HotImage {
  readonly code: WebAssembly.Module
  /** Pairs: the number of a word of VM memory, and what it holds as long as no collection has begun. */
  readonly witnesses: Uint32Array
}

/** Code for one VM and one image. */
export interface Restorer {
  readonly hot: HotImage
  readonly code: RestoreCode
}

const kept: Image[] = []
let next = 0

/** Puts an image together. */
export function composeImage({ origin, heapEnd, tailAt, tail, changes }: Image): MemoryParts {
  const upperFrom = HEAP_BASE - CLEAN_STACK_BYTES
  const staticPart = Buffer.from(Uint8Array.from(origin.parts.staticPart))
  const upperPart = Buffer.from(new ArrayBuffer(heapEnd - upperFrom))
  upperPart.set(origin.parts.upperPart.subarray(0, tailAt - upperFrom))
  upperPart.set(tail, tailAt - upperFrom)
  for (let n = 0; n < changes.length; n += 2) {
    const at = 4 * (changes[n] as number)
    if (at < STATIC_END) staticPart.writeUInt32LE(changes[n + 1] as number, at)
    else upperPart.writeUInt32LE(changes[n + 1] as number, at - upperFrom)
  }
  return { staticPart, upperPart }
}

/** To be called when `image` is restored without code of its own. */
export function countRestore(image: Image): void {
  if (++image.restores < HOT_AFTER) return
  image.restores = 0
  if (image.heapEnd - HEAP_BASE > MAX_HOT_BYTES) return
  try {
    image.hot = heat(image)
  } catch {
    // The system gives no memory for code: it goes on as before.
    return
  }
  const last = kept[next]
  if (last !== undefined) last.hot = undefined
  kept[next] = image
  next = (next + 1) % KEPT
}

function heat(image: Image): HotImage {
  const { mainState, scratch } = image.addresses
  const parts = composeImage(image)
  const heap = new Uint32Array(Uint8Array.from(parts.upperPart.subarray(CLEAN_STACK_BYTES)).buffer)
  const wordAt = (address: Pointer): number => heap[(address - HEAP_BASE) >>> 2] ?? 0
  const global = wordAt(mainState + STATE.global)
  const changing = [
    { from: VARIABLES_AT, to: STDIO_BUFFERS.from },
    { from: STDIO_BUFFERS.to, to: STATIC_END },
    { from: HEAP_BASE, to: scratch },
    ...findChangingRanges(heap, scratch + SCRATCH_BYTES, global),
  ]
  const witnesses = WITNESSES.map((field) => global + field)
  return {
    code: compileRestoreCode(parts, scratch, changing),
    witnesses: Uint32Array.from(witnesses.flatMap((address) => [address >>> 2, wordAt(address)])),
  }
}

/** What puts `vm` back to an image; undefined unless it is hot. */
export function restorerOf(vm: Vm, image: Image): Restorer | undefined {
  const { hot } = image
  if (hot === undefined) return undefined
  return vm.restorers.find((restorer) => restorer.hot === hot) ?? addRestorer(vm, image, hot)
}

function addRestorer(vm: Vm, image: Image, hot: HotImage): Restorer | undefined {
  try {
    const restorer = { hot, code: linkRestoreCode(hot.code, vm.memory) }
    vm.restorers.unshift(restorer)
    vm.restorers.length = Math.min(vm.restorers.length, KEPT)
    return restorer
  } catch {
    image.hot = undefined
    return undefined
  }
}

/** Whether no collection has begun in the VM since it was put back to this image. */
export function isUncollected({ words }: Vm, { witnesses }: HotImage): boolean {
  for (let n = 0; n < witnesses.length; n += 2)
    if (words[witnesses[n] as number] !== witnesses[n + 1]) return false
  return true
}
