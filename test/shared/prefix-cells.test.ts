import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_PREFIX_CELLS } from '../../src/limits.js'
import { PrefixCells, readIncarnation } from '../../src/shared/prefix-cells.js'

test('workers read through the posted buffer what main wrote', () => {
  const cells = new PrefixCells({ cells: 4 })
  const words = new Uint32Array(structuredClone(cells.buffer))
  const [first, second] = [cells.claim(), cells.claim()]
  assert.deepEqual([readIncarnation(words, first), readIncarnation(words, second)], [1, 2])
  assert.equal(cells.renew(first), 3)
  assert.deepEqual([readIncarnation(words, first), readIncarnation(words, second)], [3, 2])
  cells.free(first)
  assert.deepEqual([readIncarnation(words, first), readIncarnation(words, second)], [0, 2])
})

test('every cell can be used, all at once, with distinct incarnations', () => {
  const cells = new PrefixCells()
  const incarnations = new Set<number>()
  for (let n = 0; n < MAX_PREFIX_CELLS; n++) incarnations.add(cells.incarnation(cells.claim()))
  assert.equal(incarnations.size, MAX_PREFIX_CELLS)
  assert.equal(cells.size, MAX_PREFIX_CELLS)
  assert.throws(() => cells.claim(), { code: 'MOONPOOL_MEMORY' })
  cells.free(17)
  assert.equal(cells.claim(), 17)
})

test('freed cells are used before new ones', () => {
  const cells = new PrefixCells({ cells: 100 })
  for (let n = 0; n < 1000; n++) cells.free(cells.claim())
  assert.equal(cells.claim(), 0)
  assert.equal(cells.size, 1)
})

test('counting wraps past what is still in use, and never gives 0', () => {
  const cells = new PrefixCells({ cells: 4, lastIncarnation: 5 })
  const [a, b] = [cells.claim(), cells.claim()] // 1 and 2
  const seen: number[] = []
  for (let n = 0; n < 6; n++) {
    const cell = cells.claim()
    seen.push(cells.incarnation(cell))
    cells.free(cell)
  }
  assert.deepEqual(seen, [3, 4, 5, 3, 4, 5])
  cells.free(a)
  assert.equal(cells.incarnation(cells.claim()), 1)
  assert.equal(cells.incarnation(b), 2)
})

test('a cleared number is not given out again before it is retired', () => {
  const cells = new PrefixCells({ cells: 4, lastIncarnation: 3 })
  const cell = cells.claim() // 1; entries of before the clear go on holding it
  assert.deepEqual([cells.renew(cell), cells.incarnation(cell)], [2, 2])
  const other = cells.claim()
  assert.equal(cells.incarnation(other), 3)
  cells.free(other)
  assert.equal(cells.renew(cell), 3)
  cells.retire(1)
  cells.retire(2)
  assert.equal(cells.incarnation(cells.claim()), 1)
  cells.free(cell)
  assert.equal(cells.size, 1)
})
