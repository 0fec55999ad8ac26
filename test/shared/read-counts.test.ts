import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReadCountMemory, ReadCounter, sumReadCounts } from '../../src/shared/read-counts.js'

test('each worker counts for itself, and main adds them up', () => {
  const memory = createReadCountMemory(3)
  assert.deepEqual(sumReadCounts(memory), { hits: 0, misses: 0 })
  for (let worker = 0; worker < 3; worker++) {
    const counter = new ReadCounter(memory, worker)
    for (let n = 0; n <= worker; n++) counter.hit()
    for (let n = 0; n < 10 * worker; n++) counter.miss()
  }
  assert.deepEqual(sumReadCounts(memory), { hits: 1 + 2 + 3, misses: 10 + 20 })
})

test('a worker that takes another’s place counts on', () => {
  const memory = createReadCountMemory(2)
  new ReadCounter(memory, 1).hit()
  const successor = new ReadCounter(memory, 1)
  successor.hit()
  successor.miss()
  assert.deepEqual(sumReadCounts(memory), { hits: 2, misses: 1 })
})

test('counts go on beyond 2^32', () => {
  const memory = createReadCountMemory(1)
  new Float64Array(memory)[0] = 2 ** 32 - 1
  const counter = new ReadCounter(memory, 0)
  counter.hit()
  counter.hit()
  assert.equal(sumReadCounts(memory).hits, 2 ** 32 + 1)
})

test('no two workers share a cache line', () => {
  assert.equal(createReadCountMemory(5).byteLength, 5 * 64)
})
