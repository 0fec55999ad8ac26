import assert from 'node:assert/strict'
import { test } from 'node:test'
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
