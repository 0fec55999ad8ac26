// Images: the pristine memory of a VM with a script in it. Every run starts from one, so nothing a run did is there for
// the next. An image is the base image and what differs from it, kept outside every VM:
//
//   0        32        32 + 8 × changes
//   │ header │ changes │ tail │ name │
//
//   header:  u32 × 5 — mark, heap end, where the tail begins in the VM, number of changes, bytes of the name
//   changes: u32 × 2 each — the number of a word of VM memory, and what it holds
//   tail:    the VM's memory from there to the heap end
//
// Why this is the whole memory: below the tail every word is either as in the base image, or a change; that is decided
// word by word when the image is made. From the tail on all bytes are here. Above the heap end all is zero. So base,
// changes and tail together say each byte, whatever the script did while it loaded, and so does a restore, which copies
// the base anew each time (restoring.ts). Like the base, an image lies where no VM can write.
//
// Most of a script lies in one piece behind what the base holds: the base leaves no holes (sandbox.ts). In front of it
// some lists and counters change; what a load left in the scratch area is nobody's and no part of it. The tail begins where both together cost least, so what a script spoils of the base
// (a larger table of strings, say) costs no more than a copy.

import { createError } from '../../src/errors.js'
import { type BaseMemory, heapEnd } from './base-memory.js'
import type { KnownFunction } from './global-functions.js'
import type { HotImage } from './hot-images.js'
import { HEAP_BASE, SCRATCH_BYTES, STATIC_END } from './layout.js'
import type { Vm, VmAddresses } from './vm.js'

const MARK = 0x3249504d
const HEADER_BYTES = 32
/** As many bytes of a copy take as long as one change. */
const CHANGE_COST_BYTES = 24

const NO_CHANGES = new Uint32Array(0)
const NO_BYTES = Buffer.alloc(0)

/** Where the tail begins: up to there words are compared one by one. */
function findTail(words: Uint32Array, base: Uint32Array, end: number): number {
  const limit = Math.min(base.length, end >>> 2)
  let tailAt = HEAP_BASE
  let costBytes = end - HEAP_BASE
  let changes = 0
  for (let word = HEAP_BASE >>> 2; word < limit; word++) {
    if (words[word] !== base[word]) changes++
    const cost = changes * CHANGE_COST_BYTES + end - 4 * (word + 1)
    if (cost > costBytes) continue
    costBytes = cost
    tailAt = 4 * (word + 1)
  }
  return tailAt
}

function addChanges(
  changes: number[],
  words: Uint32Array,
  base: Uint32Array,
  from: number,
  to: number,
): void {
  for (let word = from >>> 2; word < to >>> 2; word++) {
    if (words[word] !== base[word]) changes.push(word, words[word] as number)
  }
}

/** The image of the VM, which must be at rest and descend from `base`. What its scratch area holds is lost. */
export function captureImage(vm: Vm, base: BaseMemory): Buffer {
  const baseWords = base.words()
  const scratch = base.addresses.scratch >>> 2
  vm.words.set(baseWords.subarray(scratch, scratch + SCRATCH_BYTES / 4), scratch)
  const end = heapEnd(vm)
  const tailAt = findTail(vm.words, baseWords, end)
  const changes: number[] = []
  addChanges(changes, vm.words, baseWords, 0, STATIC_END)
  addChanges(changes, vm.words, baseWords, HEAP_BASE, tailAt)
  const name = Buffer.from(vm.scriptName)
  const header = Buffer.alloc(HEADER_BYTES)
  for (const [index, word] of [MARK, end, tailAt, changes.length / 2, name.length].entries()) {
    header.writeUInt32LE(word, 4 * index)
  }
  const pairs = Buffer.from(Uint32Array.from(changes).buffer)
  return Buffer.concat([header, pairs, vm.bytes.subarray(tailAt, end), name])
}

/** An image made ready for restoring: make it once per image and thread. */
export class Image {
  /** What it differs from. */
  readonly origin: BaseMemory
  readonly scriptName: string
  /** Where its heap ends in the VM. */
  readonly heapEnd: number
  readonly tailAt: number
  readonly tail: Buffer
  /** Pairs: the number of a word, and the word. */
  readonly changes: Uint32Array
  /** Times it was restored from these parts, and what restores it faster: see hot-images.ts. */
  restores = 0
  hot: HotImage | undefined = undefined
  /** Those that runs have called. */
  readonly functions: KnownFunction[] = []

  /**
   * `bytes`, at a multiple of 4, may lie in shared memory; nobody may write to them as long as the image is used. Without
   * them it is the base image.
   */
  constructor(origin: BaseMemory, bytes?: Buffer) {
    this.origin = origin
    this.scriptName = ''
    this.heapEnd = origin.heapEnd
    this.tailAt = origin.heapEnd
    this.tail = NO_BYTES
    this.changes = NO_CHANGES
    if (bytes === undefined) return
    const word = (index: number): number => (bytes.length < HEADER_BYTES ? 0 : bytes.readUInt32LE(4 * index))
    const changes = 2 * word(3)
    const tailFrom = HEADER_BYTES + 4 * changes
    const nameFrom = tailFrom + word(1) - word(2)
    if (word(0) !== MARK || nameFrom + word(4) !== bytes.length) {
      throw createError('MOONPOOL_START', 'an image is damaged: its header does not fit its size')
    }
    this.scriptName = bytes.toString('utf8', nameFrom)
    this.heapEnd = word(1)
    this.tailAt = word(2)
    this.tail = bytes.subarray(tailFrom, nameFrom)
    this.changes = new Uint32Array(bytes.buffer, bytes.byteOffset + HEADER_BYTES, changes)
  }

  get addresses(): VmAddresses {
    return this.origin.addresses
  }
}
