// Lua's allocator and what lasts of an image: pieces of all sizes, some used up by strings that stay, some free, some that
// come and go. Whatever is done with the others, the strings keep their bytes and sizes once what runs change was put
// back, and from there the allocator gives the same addresses as from the whole image.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findChangingRanges } from '../../../workers/vm/lasting-objects.js'
import {
  GLOBAL,
  HEAP_BASE,
  HEAP_END_AT,
  OBJECT,
  PIECE_HEAD_BYTES,
  SCRATCH_BYTES,
  STATIC_END,
  STDIO_BUFFERS,
  TYPE_LONG_STRING,
  TYPE_SHORT_STRING,
  VARIABLES_AT,
} from '../../../workers/vm/layout.js'
import type { Pointer } from '../../../workers/vm/lua.js'
import type { AddressRange } from '../../../workers/vm/restore-code.js'
import { restoreImage } from '../../../workers/vm/restoring.js'
import { createRandom } from '../../support/inspected-engine.js'
import { LuaWorld } from '../../support/lua-world.js'

interface Allocator {
  malloc(sizeBytes: number): Pointer
  realloc(address: Pointer, sizeBytes: number): Pointer
  free(address: Pointer): void
}

const world = new LuaWorld(16 * 2 ** 20)
const { vm } = world
const allocator: Allocator = vm.lua as typeof vm.lua & Allocator
const FRAME_BYTES = 2 * PIECE_HEAD_BYTES
const MIN_STRING_PIECE_BYTES = 24
const GLOBAL_BYTES = 256

const pieceBytes = (address: Pointer): number => vm.words[(address - PIECE_HEAD_BYTES) >>> 2] as number

/** What a script's life does to `live`: takes, frees and resizes pieces and fills them. Gives all addresses it was given. */
function live(random: () => number, pieces: Pointer[], deeds: number): string {
  const below = (count: number): number => Math.floor(random() * count)
  const given: Pointer[] = []
  const fill = (address: Pointer): void => {
    given.push(address)
    vm.bytes.fill(below(256), address, address + pieceBytes(address) - FRAME_BYTES)
  }
  for (let deed = 0; deed < deeds; deed++) {
    const sizeBytes = 1 + below([12, 40, 64, 200, 3000, 6000][below(6)] as number)
    const index = below(pieces.length)
    const piece = pieces[index]
    const kind = below(4)
    if (kind < 2 || piece === undefined) {
      pieces.push(allocator.malloc(sizeBytes))
      fill(pieces.at(-1) as Pointer)
    } else if (kind === 2) {
      allocator.free(piece)
      pieces.splice(index, 1)
    } else {
      pieces[index] = allocator.realloc(piece, sizeBytes)
      fill(pieces[index])
    }
  }
  return given.join(' ')
}

/** Makes strings of some pieces, and the global_State that knows them. */
function chain(random: () => number, strings: readonly Pointer[]): Pointer {
  const global = allocator.malloc(GLOBAL_BYTES)
  vm.bytes.fill(0, global, global + GLOBAL_BYTES)
  let first = 0
  for (const string of strings) {
    vm.words[(string + OBJECT.next) >>> 2] = first
    vm.bytes[string + OBJECT.type] = random() < 0.8 ? TYPE_SHORT_STRING : TYPE_LONG_STRING
    first = string
  }
  vm.words[(global + GLOBAL.allObjects) >>> 2] = first
  return global
}

function changingRanges(image: Buffer, global: Pointer): AddressRange[] {
  const heap = new Uint32Array(Uint8Array.from(image.subarray(HEAP_BASE)).buffer)
  return [
    { from: VARIABLES_AT, to: STDIO_BUFFERS.from },
    { from: STDIO_BUFFERS.to, to: STATIC_END },
    { from: HEAP_BASE, to: vm.scratch },
    ...findChangingRanges(heap, vm.scratch + SCRATCH_BYTES, global),
  ]
}

function assertLasting(seed: number): void {
  const random = createRandom(seed)
  restoreImage(vm, world.base)
  const pieces: Pointer[] = []
  live(random, pieces, 600)
  const isString = new Set(pieces.filter((at) => random() < 0.6 && pieceBytes(at) >= MIN_STRING_PIECE_BYTES))
  const global = chain(random, [...isString])
  const others = pieces.filter((piece) => !isString.has(piece))
  const image = Buffer.from(vm.bytes.subarray(0, vm.words[HEAP_END_AT >>> 2]))
  const ranges = changingRanges(image, global)
  const restore = (parts: readonly AddressRange[]): void => {
    for (const { from, to } of parts) vm.bytes.set(image.subarray(from, to), from)
  }
  const whole = [
    { from: VARIABLES_AT, to: STATIC_END },
    { from: HEAP_BASE, to: image.length },
  ]
  const given = [0, 1, 2].map((life) => {
    restore(whole)
    return live(createRandom(seed + life), [...others], 300)
  })
  for (const life of [1, 0, 2, 2, 1, 0]) {
    restore(ranges)
    for (const string of isString) {
      const from = string - PIECE_HEAD_BYTES
      const to = from + image.readUInt32LE(from)
      assert.equal(
        image.compare(vm.bytes, from, to, from, to),
        0,
        `the piece at ${from}, before life ${life}`,
      )
    }
    assert.equal(live(createRandom(seed + life), [...others], 300), given[life], `life ${life}`)
  }
}

test('strings last whatever is taken and freed around them, and the allocator does as from the whole image', () => {
  const first = Number(process.env.ALLOCATOR_SEED ?? Math.floor(Math.random() * 2 ** 31))
  const count = Number(process.env.ALLOCATOR_HEAPS ?? 40)
  for (let seed = first; seed < first + count; seed++) {
    try {
      assertLasting(seed)
    } catch (error) {
      throw new Error(`ALLOCATOR_SEED=${seed}`, { cause: error })
    }
  }
})
