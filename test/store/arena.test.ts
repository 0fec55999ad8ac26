import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, arenaBufferBytes } from '../../src/store/arena.js'

const HEADER_BYTES = 8

function createArena(capacityBytes: number): { arena: Arena; bytes: Uint8Array } {
  const buffer = new SharedArrayBuffer(arenaBufferBytes(capacityBytes))
  return { arena: new Arena(new Int32Array(buffer)), bytes: new Uint8Array(buffer) }
}

const stepArbitrary = fc.oneof(
  fc.record({ size: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 700 }), fc.nat({ max: 20_000 })) }),
  fc.record({ free: fc.nat({ max: 1000 }) }),
)

interface Block {
  readonly offset: number
  readonly size: number
  readonly fill: number
}

test('blocks never overlap, keep their bytes, and merge again when freed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 64, max: 60_000 }),
      fc.array(stepArbitrary, { maxLength: 150 }),
      (capacity, steps) => {
        const { arena, bytes } = createArena(capacity)
        const blocks: Block[] = []
        for (const [n, step] of steps.entries()) {
          if ('free' in step) {
            const [block] = blocks.splice(step.free % (blocks.length || 1), 1)
            if (block === undefined) continue
            assertIntact(bytes, block)
            arena.free(block.offset)
            continue
          }
          const offset = arena.allocate(step.size)
          if (offset === 0) continue
          assert.ok(offset + step.size <= bytes.length)
          bytes.fill(n, offset, offset + step.size)
          blocks.push({ offset, size: step.size, fill: n & 255 })
        }
        for (const block of blocks) assertIntact(bytes, block)
        const sorted = [...blocks].sort((a, b) => a.offset - b.offset)
        for (const [n, { offset, size }] of sorted.entries()) {
          assert.ok(offset + size + HEADER_BYTES <= (sorted[n + 1]?.offset ?? Number.POSITIVE_INFINITY))
        }
        for (const { offset } of blocks) arena.free(offset)
        assert.equal(arena.usedBytes, 0)
        const whole = Math.ceil(capacity / 16) * 16 - HEADER_BYTES
        assert.equal(arena.allocate(whole + 1), 0)
        assert.notEqual(arena.allocate(whole), 0)
      },
    ),
    { numRuns: 1500 },
  )
})

function assertIntact(bytes: Uint8Array, { offset, size, fill }: Block): void {
  assert.ok(bytes.subarray(offset, offset + size).every((byte) => byte === fill))
}

test('an arena can be filled to the last block of one size', () => {
  const { arena } = createArena(1000 * 112)
  const offsets = Array.from({ length: 1000 }, () => arena.allocate(100))
  assert.ok(offsets.every((offset) => offset > 0))
  assert.equal(new Set(offsets).size, 1000)
  assert.equal(arena.usedBytes, 112_000)
  assert.equal(arena.allocate(0), 0)
})

test('the rest of a nearly full arena is found although its list holds smaller blocks, too', () => {
  const { arena } = createArena(16 * 200)
  const offset = arena.allocate(16 * 100 - HEADER_BYTES)
  assert.notEqual(offset, 0)
  // 100 units are left, and 100 lies inside the list of 100 to 103.
  assert.notEqual(arena.allocate(16 * 99 - HEADER_BYTES), 0)
})

test('freeing twice is a defect, and is said', () => {
  const { arena } = createArena(1024)
  const offset = arena.allocate(10)
  arena.free(offset)
  assert.throws(() => arena.free(offset), /freed twice/)
})

test('a large arena takes no memory before it is used', () => {
  const before = process.memoryUsage().rss
  const { arena } = createArena(1024 * 2 ** 20)
  assert.notEqual(arena.allocate(100), 0)
  const grown = process.memoryUsage().rss - before
  assert.ok(grown < 64 * 2 ** 20, `${grown} bytes resident`)
})
