// Images: the pristine memory of a VM, kept outside every VM. Every run starts from one, so nothing a run did is there
// for the next.
//
//   0        320             35,456            47,744
//   │ header │ static data   │ 12 KiB zeroes   │ heap …
//              [0, 35,136)     [.., 1,083,712)   [1,083,712, heap end)       where it belongs in the VM
//
//   header: u32 × 7 — mark, heap end, name bytes, main state, run thread, scratch, random state;
//           at 28 u32 × 7: the natives in the order of NATIVES; at 64 the script's name (UTF-8)
//
// The zeroes lie before the heap because the top of the shadow stack lies before the heap in the VM: one copy does for
// both. An image says itself where its state is, so a VM of any thread can start from the bytes alone.

import { createError } from '../../src/errors.js'
import { MAX_NAME_BYTES } from '../../src/limits.js'
import { HEAP_BASE, HEAP_END_AT, STATIC_END } from './layout.js'
import { CLEAN_STACK_BYTES } from './shadow-stack.js'
import type { Vm, VmAddresses } from './vm.js'

const MARK = 0x3149504d
const NATIVES_AT = 28
const NATIVES = ['load', 'collectgarbage', 'date', 'randomseed', 'traceback', 'create', 'wrap'] as const
const NAME_AT = 64
const STATIC_AT: number = NAME_AT + MAX_NAME_BYTES
const UPPER_AT: number = STATIC_AT + STATIC_END
const HEAP_AT: number = UPPER_AT + CLEAN_STACK_BYTES

/** The end of the heap as the VM's memory tells it: hostile, so brought within the memory. */
export function heapEnd(vm: Vm): number {
  const told = vm.words[HEAP_END_AT >>> 2] as number
  return Math.min(Math.max(told, HEAP_BASE), vm.sizeBytes)
}

/** Bytes an image of this VM takes now. */
export function imageBytes(vm: Vm): number {
  return HEAP_AT + heapEnd(vm) - HEAP_BASE
}

/** Writes the image of the VM, which must be at rest, to `target` of exactly `imageBytes(vm)`. */
export function captureImage(vm: Vm, target: Uint8Array): void {
  const end = heapEnd(vm)
  if (target.length !== HEAP_AT + end - HEAP_BASE) throw new RangeError('an image needs exactly its size')
  const { mainState, runThread, scratch, randomState, natives } = vm.addresses
  const place = Buffer.from(target.buffer, target.byteOffset, target.byteLength)
  place.fill(0, 0, STATIC_AT)
  const nameBytes = place.write(vm.scriptName, NAME_AT, MAX_NAME_BYTES, 'utf8')
  const header = [MARK, end, nameBytes, mainState, runThread, scratch, randomState]
  for (const [index, word] of header.entries()) place.writeUInt32LE(word, 4 * index)
  for (const [index, name] of NATIVES.entries()) place.writeUInt32LE(natives[name], NATIVES_AT + 4 * index)
  place.set(vm.bytes.subarray(0, STATIC_END), STATIC_AT)
  place.fill(0, UPPER_AT, HEAP_AT)
  place.set(vm.bytes.subarray(HEAP_BASE, end), HEAP_AT)
}

/** An image made ready for restoring: make it once per image and thread. */
export class Image {
  readonly sizeBytes: number
  readonly addresses: VmAddresses
  readonly scriptName: string
  /** Where its heap ends in the VM. */
  readonly heapEnd: number
  readonly staticPart: Buffer
  /** The clean top of the shadow stack, then the heap. */
  readonly upperPart: Buffer

  /** `bytes` may lie in shared memory; nobody may write to them as long as the image is used. */
  constructor(bytes: Buffer) {
    const word = (index: number): number => bytes.readUInt32LE(4 * index)
    if (bytes.length < HEAP_AT || word(0) !== MARK || word(1) - HEAP_BASE !== bytes.length - HEAP_AT) {
      throw createError('MOONPOOL_START', 'an image is damaged: its header does not fit its size')
    }
    this.sizeBytes = bytes.length
    this.heapEnd = word(1)
    this.addresses = {
      mainState: word(3),
      runThread: word(4),
      scratch: word(5),
      randomState: word(6),
      natives: Object.fromEntries(
        NATIVES.map((name, index) => [name, bytes.readUInt32LE(NATIVES_AT + 4 * index)]),
      ) as VmAddresses['natives'],
    }
    this.scriptName = bytes.toString('utf8', NAME_AT, NAME_AT + word(2))
    this.staticPart = bytes.subarray(STATIC_AT, UPPER_AT)
    this.upperPart = bytes.subarray(UPPER_AT)
  }
}
