import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HashedKey, hashSecret } from '../../src/shared/key-hash.js'
import { createViewMemory, openView, STRIPE_SLOTS } from '../../src/shared/view-layout.js'
import { arenaBufferBytes } from '../../src/store/arena.js'
import { KeptEntries } from '../../src/store/kept-entries.js'
import { ViewBlocks } from '../../src/store/view-blocks.js'
import { ViewIndex } from '../../src/store/view-index.js'
import { bytes, FOREVER, range } from './fixture.js'

/** An index of one stripe; key n has the id n. */
function createIndex() {
  const sizes = { maxEntries: 200, maxKeyBytes: 16, stripes: 1, arenaBytes: arenaBufferBytes(16_384) }
  const view = openView(createViewMemory(sizes, hashSecret(new Uint8Array(8))))
  const [blocks, kept] = [new ViewBlocks(view), new KeptEntries()]
  const index = new ViewIndex(view, blocks, kept)
  const key = new HashedKey(view.memory.secret, 16)
  const keyOf = (id: number): HashedKey => {
    key.setBytes(1, bytes(`key ${id}`))
    return key
  }
  /** Of every third entry the bytes are kept elsewhere. */
  const add = (id: number): void => {
    const sought = keyOf(id)
    const block = id % 3 === 0 ? 0 : blocks.write(sought, range('v'), FOREVER)
    if (block === 0) kept.add(id, sought, range('v'), FOREVER)
    index.fill(id, index.emptySlot(sought.hash), sought, block, 1)
  }
  const find = (id: number): number => index.find(index.stripeOf(keyOf(id).hash), key)
  return { view, index, keyOf, add, find }
}

test('entries are found as others come and go, and each knows its slot', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 80 }), { maxLength: 300, size: 'max' }), (steps) => {
      const { view, index, add, find } = createIndex()
      const there = new Set<number>()
      for (const id of steps) {
        if (there.delete(id)) index.unlink(id, index.slot(id))
        else if (there.size < STRIPE_SLOTS) {
          there.add(id)
          add(id)
        }
      }
      const slots = new Set<number>()
      for (let id = 0; id <= 80; id++) {
        assert.equal(find(id), there.has(id) ? id : -1)
        assert.equal(index.slot(id) >= 0, there.has(id))
        if (there.has(id)) slots.add(index.slot(id))
      }
      assert.equal(slots.size, there.size)
      assert.equal(view.sequences.read(0) & 1, 0)
    }),
    { numRuns: 100 },
  )
})

test('a full stripe has no empty slot until one of its entries goes', () => {
  const { index, keyOf, add, find } = createIndex()
  for (let id = 0; id < STRIPE_SLOTS; id++) add(id)
  assert.equal(index.emptySlot(keyOf(100).hash), -1)
  assert.equal(find(100), -1)
  index.unlink(7, index.slot(7))
  add(100)
  assert.deepEqual([find(7), find(100)], [-1, 100])
})
