import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PrefixCells } from '../../src/shared/prefix-cells.js'
import { Prefixes } from '../../src/store/prefixes.js'

test('one text is one prefix, pinned once by each open', () => {
  const prefixes = new Prefixes(new PrefixCells({ cells: 8 }))
  const first = prefixes.open('tenant')
  assert.equal(prefixes.open('tenant'), first)
  assert.equal(first.pins, 2)
  prefixes.pin(first)
  for (const left of [2, 1]) {
    prefixes.unpin(first)
    assert.equal(first.pins, left)
    assert.equal(prefixes.size, 1)
  }
  prefixes.unpin(first)
  assert.equal(prefixes.size, 0)
})

test('no prefix is distinct from every text', () => {
  const prefixes = new Prefixes(new PrefixCells({ cells: 8 }))
  const spaces = [undefined, '', 'undefined', 'null', '\0'].map((text) => prefixes.open(text))
  assert.equal(new Set(spaces.map(({ incarnation }) => incarnation)).size, spaces.length)
  assert.equal(new Set(spaces.map(({ cell }) => cell)).size, spaces.length)
  assert.equal(spaces[0]?.text, undefined)
})

test('bytes is the length in UTF-8', () => {
  const prefixes = new Prefixes(new PrefixCells({ cells: 8 }))
  assert.deepEqual(
    [undefined, 'ab', 'é', '€', '💧'].map((text) => prefixes.open(text).bytes),
    [0, 2, 2, 3, 4],
  )
})

test('a freed cell is used again under a new incarnation', () => {
  const cells = new PrefixCells({ cells: 2 })
  const prefixes = new Prefixes(cells)
  const seen = new Set<number>()
  for (let n = 0; n < 100; n++) {
    const prefix = prefixes.open('tenant')
    assert.ok(!seen.has(prefix.incarnation))
    assert.equal(cells.incarnation(prefix.cell), prefix.incarnation)
    seen.add(prefix.incarnation)
    prefixes.unpin(prefix)
    assert.equal(cells.incarnation(prefix.cell), 0)
  }
})

test('out of cells: a clear error, nothing changed, and room again after an unpin', () => {
  const prefixes = new Prefixes(new PrefixCells({ cells: 2 }))
  prefixes.open('a')
  const second = prefixes.open('b')
  assert.throws(() => prefixes.open('c'), {
    code: 'MOONPOOL_MEMORY',
    message: /^2 cache prefixes are in use/,
  })
  assert.equal(prefixes.open('a').pins, 2)
  assert.equal(prefixes.size, 2)
  prefixes.unpin(second)
  assert.equal(prefixes.open('c').cell, second.cell)
})

test('more unpins or later pins than allowed are defects, and are said', () => {
  const prefixes = new Prefixes(new PrefixCells({ cells: 2 }))
  const prefix = prefixes.open('a')
  prefixes.unpin(prefix)
  assert.throws(() => prefixes.unpin(prefix), /more often than pinned/)
  assert.throws(() => prefixes.pin(prefix), /after its last pin/)
  assert.equal(prefixes.open('b').pins, 1)
})

test('idle prefixes are kept up to the bound, then all idle ones go', () => {
  const prefixes = new Prefixes(new PrefixCells({ cells: 8 }), 2)
  const first = prefixes.open('a')
  prefixes.unpin(first)
  assert.equal(prefixes.open('a'), first, 'not made anew')
  prefixes.unpin(first)
  const used = prefixes.open('b')
  prefixes.unpin(used)
  prefixes.pin(prefixes.open('b'))
  assert.equal(prefixes.size, 2)
  prefixes.unpin(prefixes.open('c'))
  assert.equal(prefixes.size, 1, 'only what is in use')
  assert.notEqual(prefixes.open('a').incarnation, first.incarnation)
})

test('idle prefixes make way when cells are short', () => {
  const prefixes = new Prefixes(new PrefixCells({ cells: 3 }), 100)
  for (const text of ['a', 'b', 'c']) prefixes.unpin(prefixes.open(text))
  for (const text of ['d', 'e', 'f']) prefixes.open(text)
  assert.throws(() => prefixes.open('g'), { code: 'MOONPOOL_MEMORY' })
})
