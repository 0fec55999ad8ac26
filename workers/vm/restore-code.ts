// Code that puts a VM back to one image: a wasm module made for it, which has the image as data and copies it by
// `memory.init`. No call of JavaScript's copies as many short pieces at so little cost (7 ns each instead of 65), and the
// data lie where no VM can write: inside the module.
//
//   data:  │ static data │ heap │        at 0 and at STATIC_END
//   code:  all       static data, the clean top of the shadow stack, heap
//          state     variables, without the buffers of stdio; the allocator's words, heap behind the scratch area
//          changing  of these, what runs change

import type { MemoryParts } from './base-memory.js'
import { HEAP_BASE, SCRATCH_BYTES, STATIC_END, STDIO_BUFFERS, VARIABLES_AT } from './layout.js'
import type { Pointer } from './lua.js'
import { CLEAN_STACK_BYTES } from './shadow-stack.js'
import {
  END,
  KIND,
  LIMITS_SHARED_WITH_MAXIMUM,
  list,
  MAX_PAGES,
  name,
  PREAMBLE,
  SECTION,
  section,
  signed,
  sized,
  unsigned,
} from './wasm-format.js'

export interface AddressRange {
  readonly from: Pointer
  readonly to: Pointer
}

export interface RestoreCode {
  readonly all: () => void
  readonly state: () => void
  readonly changing: () => void
}

const NO_RESULT = [0x60, 0, 0]
const I32_CONST = 0x41
const MEMORY_INIT = [0xfc, 8, 0, 0]
const MEMORY_FILL = [0xfc, 11, 0]
const PASSIVE = 1

const FUNCTIONS = ['all', 'state', 'changing'] as const

const constant = (value: number): number[] => [I32_CONST, ...signed(value)]

/** Where the bytes of an address lie in the data. */
const dataAt = (address: Pointer): number =>
  address < HEAP_BASE ? address : address - HEAP_BASE + STATIC_END

const copy = ({ from, to }: AddressRange): number[] => [
  ...constant(from),
  ...constant(dataAt(from)),
  ...constant(to - from),
  ...MEMORY_INIT,
]

const zeroStack = (): number[] => [
  ...constant(HEAP_BASE - CLEAN_STACK_BYTES),
  ...constant(0),
  ...constant(CLEAN_STACK_BYTES),
  ...MEMORY_FILL,
]

const code = (...instructions: readonly number[][]): number[] => sized([0, ...instructions.flat(), END])

/** Compiles the code for the image that `parts` are; 0.1–0.3 ms. */
export function compileRestoreCode(
  { staticPart, upperPart }: MemoryParts,
  scratch: Pointer,
  changing: readonly AddressRange[],
): WebAssembly.Module {
  const heap = upperPart.subarray(CLEAN_STACK_BYTES)
  const heapEnd = HEAP_BASE + heap.length
  const state = [
    { from: VARIABLES_AT, to: STDIO_BUFFERS.from },
    { from: STDIO_BUFFERS.to, to: STATIC_END },
    { from: HEAP_BASE, to: scratch },
    { from: scratch + SCRATCH_BYTES, to: heapEnd },
  ]
  const dataLength = staticPart.length + heap.length
  const limits = [LIMITS_SHARED_WITH_MAXIMUM, 1, ...unsigned(MAX_PAGES)]
  const memory = [...name('vm'), ...name('memory'), KIND.memory, ...limits]
  const head = [
    ...PREAMBLE,
    ...section(SECTION.type, list([NO_RESULT])),
    ...section(SECTION.import, list([memory])),
    ...section(SECTION.function, list(FUNCTIONS.map(() => [0]))),
    ...section(SECTION.export, list(FUNCTIONS.map((text, index) => [...name(text), KIND.function, index]))),
    ...section(SECTION.dataCount, [1]),
    ...section(
      SECTION.code,
      list([
        code(copy({ from: 0, to: STATIC_END }), zeroStack(), copy({ from: HEAP_BASE, to: heapEnd })),
        code(...state.map(copy)),
        code(...changing.map(copy)),
      ]),
    ),
  ]
  const dataHead = [1, PASSIVE, ...unsigned(dataLength)]
  const dataSection = [SECTION.data, ...unsigned(dataHead.length + dataLength), ...dataHead]
  return new WebAssembly.Module(Buffer.concat([Buffer.from([...head, ...dataSection]), staticPart, heap]))
}

/** For a VM with that memory; 0.03–0.1 ms. */
export function linkRestoreCode(module: WebAssembly.Module, memory: WebAssembly.Memory): RestoreCode {
  return new WebAssembly.Instance(module, { vm: { memory } }).exports as unknown as RestoreCode
}
