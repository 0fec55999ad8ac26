// The base image's bytes: the memory of a VM before any script, whole, kept outside every VM.
//
//   0        64              35,200            47,488
//   │ header │ static data   │ 12 KiB zeroes   │ heap …
//              [0, 35,136)     [.., 1,083,712)   [1,083,712, heap end)       where it belongs in the VM
//
//   header: u32 × 6 — mark, heap end, main state, run thread, scratch, random state;
//           then u32 × 7: the natives in the order of NATIVES
//
// The zeroes lie before the heap because the top of the shadow stack lies before the heap in the VM: one copy does for
// both. It says itself where its state is, so a VM of any thread can start from the bytes alone.

import { createError } from '../../src/errors.js'
import { HEAP_BASE, HEAP_END_AT, STATIC_END } from './layout.js'
import { compileRestoreCode } from './restore-code.js'
import { CLEAN_STACK_BYTES } from './shadow-stack.js'
import type { Vm, VmAddresses } from './vm.js'

const MARK = 0x3149504d
const NATIVES_AT = 24
const NATIVES = ['load', 'collectgarbage', 'date', 'randomseed', 'traceback', 'create', 'wrap'] as const
const STATIC_AT = 64
const UPPER_AT: number = STATIC_AT + STATIC_END
const HEAP_AT: number = UPPER_AT + CLEAN_STACK_BYTES

/** The end of the heap as the VM's memory tells it: hostile, so brought within the memory. */
export function heapEnd(vm: Vm): number {
  const told = vm.words[HEAP_END_AT >>> 2] as number
  return Math.min(Math.max(told, HEAP_BASE), vm.sizeBytes)
}

/** Copies what the VM holds, which must be at rest, into shared memory. */
export function captureBase(vm: Vm): Buffer {
  const end = heapEnd(vm)
  const bytes = Buffer.from(new SharedArrayBuffer(HEAP_AT + end - HEAP_BASE))
  const { mainState, runThread, scratch, randomState, natives } = vm.addresses
  const header = [MARK, end, mainState, runThread, scratch, randomState]
  for (const [index, word] of header.entries()) bytes.writeUInt32LE(word, 4 * index)
  for (const [index, name] of NATIVES.entries()) bytes.writeUInt32LE(natives[name], NATIVES_AT + 4 * index)
  bytes.set(vm.bytes.subarray(0, STATIC_END), STATIC_AT)
  bytes.set(vm.bytes.subarray(HEAP_BASE, end), HEAP_AT)
  return bytes
}

/** What a VM's memory holds, in pieces of one address range each. */
export interface MemoryParts {
  /** Constants and variables. */
  readonly staticPart: Buffer
  /** The clean top of the shadow stack, then the heap. */
  readonly upperPart: Buffer
}

/** The base image made ready for use: make it once per thread. */
export class BaseMemory {
  readonly addresses: VmAddresses
  /** Where its heap ends in the VM. */
  readonly heapEnd: number
  readonly parts: MemoryParts
  /** Puts it back in a VM: where an image that has no code of its own begins. */
  readonly code: WebAssembly.Module
  #words: Uint32Array | undefined

  /** `bytes` may lie in shared memory; nobody may write to them as long as they are used. */
  constructor(bytes: Buffer) {
    const word = (index: number): number => bytes.readUInt32LE(4 * index)
    if (bytes.length < HEAP_AT || word(0) !== MARK || word(1) - HEAP_BASE !== bytes.length - HEAP_AT) {
      throw createError('MOONPOOL_START', 'the base image is damaged: its header does not fit its size')
    }
    this.heapEnd = word(1)
    this.addresses = {
      mainState: word(2),
      runThread: word(3),
      scratch: word(4),
      randomState: word(5),
      natives: Object.fromEntries(
        NATIVES.map((name, index) => [name, bytes.readUInt32LE(NATIVES_AT + 4 * index)]),
      ) as VmAddresses['natives'],
    }
    this.parts = { staticPart: bytes.subarray(STATIC_AT, UPPER_AT), upperPart: bytes.subarray(UPPER_AT) }
    this.code = compileRestoreCode(this.parts, word(4), [])
  }

  /** The words of VM memory that it has, to compare others with. Zeroes where it says nothing; those are not resident. */
  words(): Uint32Array {
    this.#words ??= this.#collectWords()
    return this.#words
  }

  #collectWords(): Uint32Array {
    const words = new Uint32Array(Math.ceil(this.heapEnd / 4))
    const bytes = Buffer.from(words.buffer)
    bytes.set(this.parts.staticPart)
    bytes.set(this.parts.upperPart, HEAP_BASE - CLEAN_STACK_BYTES)
    return words
  }
}
