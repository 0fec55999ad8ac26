// The wasm made for an image: for any sizes and ranges it is valid, and copies exactly what it is said to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  HEAP_BASE,
  SCRATCH_BYTES,
  STATIC_END,
  STDIO_BUFFERS,
  VARIABLES_AT,
} from '../../../workers/vm/layout.js'
import { compileRestoreCode, linkRestoreCode, type RestoreCode } from '../../../workers/vm/restore-code.js'
import { CLEAN_STACK_BYTES } from '../../../workers/vm/shadow-stack.js'

const PAGES = 40
const SCRATCH = HEAP_BASE + 56
const DIRT = 0xaa

const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true })
const bytes = Buffer.from(memory.buffer)

/** Parts whose every byte tells where it belongs. */
function createParts(heapBytes: number): { staticPart: Buffer; upperPart: Buffer } {
  const staticPart = Buffer.from(Uint8Array.from({ length: STATIC_END }, (_, at) => at % 251))
  const heap = Buffer.from(Uint8Array.from({ length: heapBytes }, (_, at) => (at * 7) % 241))
  return { staticPart, upperPart: Buffer.concat([Buffer.alloc(CLEAN_STACK_BYTES), heap]) }
}

function createCode(heapBytes: number, changing: readonly { from: number; to: number }[]): RestoreCode {
  return linkRestoreCode(compileRestoreCode(createParts(heapBytes), SCRATCH, changing), memory)
}

/** What the memory must be after one of its functions wrote these ranges. */
function expected(heapBytes: number, ranges: readonly (readonly [number, number])[]): Buffer {
  const { staticPart, upperPart } = createParts(heapBytes)
  const whole = Buffer.alloc(PAGES * 65_536, DIRT)
  for (const [from, to] of ranges) {
    if (to <= STATIC_END) staticPart.copy(whole, from, from, to)
    else upperPart.copy(whole, from, from - HEAP_BASE + CLEAN_STACK_BYTES, to - HEAP_BASE + CLEAN_STACK_BYTES)
  }
  return whole
}

test('all of an image, or all that Lua knows, is copied, and nothing else', () => {
  for (const heapBytes of [4200, 8191, 8192, 20_000, 130_000, 1_000_000]) {
    const code = createCode(heapBytes, [])
    const end = HEAP_BASE + heapBytes
    bytes.fill(DIRT)
    code.all()
    const all = expected(heapBytes, [
      [0, STATIC_END],
      [HEAP_BASE - CLEAN_STACK_BYTES, end],
    ])
    assert.ok(bytes.equals(all), `${heapBytes} bytes`)
    bytes.fill(DIRT)
    code.state()
    const state = expected(heapBytes, [
      [VARIABLES_AT, STDIO_BUFFERS.from],
      [STDIO_BUFFERS.to, STATIC_END],
      [HEAP_BASE, SCRATCH],
      [SCRATCH + SCRATCH_BYTES, end],
    ])
    assert.ok(bytes.equals(state), `${heapBytes} bytes`)
    bytes.fill(DIRT)
    code.changing()
    assert.ok(bytes.equals(Buffer.alloc(bytes.length, DIRT)))
  }
})

test('any ranges are copied as they are', () => {
  const heapBytes = 70_000
  const inside = (from: number, to: number): fc.Arbitrary<readonly [number, number]> =>
    fc
      .tuple(fc.integer({ min: from, max: to }), fc.integer({ min: 0, max: 300 }))
      .map(([at, length]) => [at, Math.min(to, at + length)])
  fc.assert(
    fc.property(
      fc.array(fc.oneof(inside(0, STATIC_END), inside(HEAP_BASE, HEAP_BASE + heapBytes)), { maxLength: 200 }),
      (ranges) => {
        const code = createCode(
          heapBytes,
          ranges.map(([from, to]) => ({ from, to })),
        )
        bytes.fill(DIRT)
        code.changing()
        assert.ok(bytes.equals(expected(heapBytes, ranges)))
      },
    ),
    { numRuns: 40 },
  )
})
