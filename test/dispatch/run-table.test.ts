import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunTable } from '../../src/dispatch/run-table.js'
import { createRun } from './fixture.js'

test('ids count up, none is 0, and a run is found by its id only', () => {
  const table = new RunTable()
  const first = createRun(table.nextId())
  table.add(first)
  const second = createRun(table.nextId())
  table.add(second)
  assert.deepEqual([first.id, second.id], [1, 2])
  assert.equal(table.get(1), first)
  assert.equal(table.get(0), undefined)
  assert.equal(table.get(1 + 1024), undefined, 'the same place, another id')
  assert.ok(table.delete(first))
  assert.equal(table.delete(first), false)
  assert.equal(table.get(1), undefined)
  assert.equal(table.size, 1)
})

test('an id whose place is taken is skipped, and the table grows', () => {
  const table = new RunTable()
  const kept = createRun(table.nextId())
  table.add(kept)
  const ids = new Set<number>()
  for (let n = 0; n < 3000; n++) {
    const run = createRun(table.nextId())
    table.add(run)
    ids.add(run.id)
    assert.ok(table.delete(run))
  }
  assert.equal(ids.size, 3000)
  assert.equal(ids.has(kept.id + 1024), false)
  const many = Array.from({ length: 5000 }, () => {
    const run = createRun(table.nextId())
    table.add(run)
    return run
  })
  for (const run of [kept, ...many]) assert.equal(table.get(run.id), run)
  assert.equal(table.size, 5001)
})
