import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LRUCache } from 'lru-cache'
import { Recency } from '../../src/store/recency.js'

test('a mark left on an id does not spare the next entry that has it', () => {
  const touched = new Set<number>()
  const recency = new Recency(4, { take: (id) => touched.delete(id) })
  for (const id of [0, 1]) recency.add(id)
  touched.add(0)
  recency.remove(0)
  recency.add(0)
  recency.use(1)
  assert.equal(recency.victim(-1), 0)
})

test('with nothing to evict it says so instead of looking for ever', () => {
  const recency = new Recency(4, { take: () => true })
  assert.throws(() => recency.victim(-1), /nothing it could evict/)
  recency.add(0)
  assert.throws(() => recency.victim(0), /nothing it could evict/)
  assert.equal(recency.victim(-1), 0)
})

const ENTRIES = 12
const stepArbitrary = fc.record({
  action: fc.constantFrom('add', 'add', 'use', 'use', 'remove', 'evict', 'evict but one'),
  id: fc.nat({ max: ENTRIES - 1 }),
})

test('the order is that of lru-cache, whatever happens to the entries', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 200 }), (steps) => {
      const recency = new Recency(ENTRIES)
      const model = new LRUCache<number, number>({ max: ENTRIES + 1 })
      for (const { action, id } of steps) {
        const isThere = model.has(id)
        if (action === 'add' && !isThere) {
          recency.add(id)
          model.set(id, 0)
        } else if (action === 'use' && isThere) {
          recency.use(id)
          model.get(id)
        } else if (action === 'remove' && isThere) {
          recency.remove(id)
          model.delete(id)
        } else if (action.startsWith('evict')) {
          const keep = action === 'evict' ? -1 : id
          // The kept entry counts as used when its turn came.
          let oldest = model.rkeys().next().value
          if (oldest === keep && model.size > 1) {
            model.get(keep)
            oldest = model.rkeys().next().value
          }
          if (oldest === undefined || oldest === keep) {
            assert.throws(() => recency.victim(keep), /nothing it could evict/)
            continue
          }
          assert.equal(recency.victim(keep), oldest)
          recency.remove(oldest)
          model.delete(oldest)
        }
      }
      const order: number[] = []
      for (let left = model.size; left > 0; left--) {
        order.push(recency.victim(-1))
        recency.remove(order.at(-1) as number)
      }
      assert.deepEqual(order, [...model.rkeys()])
    }),
    { numRuns: 500 },
  )
})
