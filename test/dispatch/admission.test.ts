import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { Admission } from '../../src/dispatch/admission.js'
import { createRun } from './fixture.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function ids(admission: Admission, count = Number.POSITIVE_INFINITY): number[] {
  const taken: number[] = []
  while (taken.length < count) {
    const run = admission.shift()
    if (run === undefined) break
    taken.push(run.id)
  }
  return taken
}

test('tenants take turns, each in the order of its own runs', () => {
  const admission = new Admission(100)
  for (const id of [11, 12, 13, 14]) admission.push(createRun(id, 1))
  for (const id of [21, 22]) admission.push(createRun(id, 2))
  admission.push(createRun(31, 3))
  assert.equal(admission.size, 7)
  assert.deepEqual(ids(admission), [11, 21, 31, 12, 22, 13, 14])
  assert.equal(admission.size, 0)
  assert.equal(admission.shift(), undefined)
})

test('a tenant that arrives waits for one run of each of the others', () => {
  const admission = new Admission(10_000)
  for (let id = 0; id < 1000; id++) admission.push(createRun(id, 1))
  for (let id = 1000; id < 2000; id++) admission.push(createRun(id, 2))
  ids(admission, 301)
  admission.push(createRun(5000, 3))
  assert.equal(ids(admission, 3).indexOf(5000), 2)
})

test('it is full at maxQueue runs', () => {
  const admission = new Admission(2)
  admission.push(createRun(1, 1))
  assert.equal(admission.isFull, false)
  admission.push(createRun(2, 2))
  assert.equal(admission.isFull, true)
  admission.shift()
  assert.equal(admission.isFull, false)
})

test('what came back goes out first, the last to come back before the others', () => {
  const admission = new Admission(100)
  for (const id of [11, 12]) admission.push(createRun(id, 1))
  for (const id of [21, 22]) admission.push(createRun(id, 2))
  admission.pushFront(createRun(5, 9))
  admission.pushFront(createRun(4, 9))
  assert.equal(admission.size, 6)
  assert.deepEqual(ids(admission), [4, 5, 11, 21, 12, 22])
})

test('a run that comes back at once costs its tenant no turn', () => {
  const admission = new Admission(100)
  for (const id of [11, 12]) admission.push(createRun(id, 1))
  for (const id of [21, 22]) admission.push(createRun(id, 2))
  for (let attempt = 0; attempt < 5; attempt++) {
    const run = admission.shift()
    assert.equal(run?.id, 11)
    admission.pushFront(run)
  }
  assert.deepEqual(ids(admission), [11, 21, 12, 22])
})

/** Tenants in rotation by the simplest means: a list of lists. */
class Model {
  #turns: { cell: number; ids: number[] }[] = []
  #returned: { id: number; cell: number }[] = []

  push(id: number, cell: number): void {
    const line = this.#turns.find((turn) => turn.cell === cell)
    if (line) line.ids.push(id)
    else this.#turns.push({ cell, ids: [id] })
  }

  pushFront(id: number, cell: number): void {
    this.#returned.unshift({ id, cell })
  }

  shift(): number | undefined {
    const back = this.#returned.shift()
    if (back) return back.id
    const line = this.#turns.shift()
    const id = line?.ids.shift()
    if (line && line.ids.length > 0) this.#turns.push(line)
    return id
  }
}

test('any sequence goes out in the order of the model', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('push'), cell: fc.nat({ max: 4 }) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('shift'), cell: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('back'), cell: fc.constant(0) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const admission = new Admission(1000)
      const model = new Model()
      for (const [id, { kind, cell }] of steps.entries()) {
        if (kind === 'push') {
          admission.push(createRun(id, cell))
          model.push(id, cell)
          continue
        }
        const run = admission.shift()
        assert.equal(run?.id, model.shift())
        if (kind === 'shift' || run === undefined) continue
        admission.pushFront(run)
        model.pushFront(run.id, run.prefix.cell)
      }
      for (let left = admission.size; left > 0; left--) assert.equal(admission.shift()?.id, model.shift())
      assert.equal(model.shift(), undefined)
    }),
    { numRuns: 300 },
  )
})

test('a run that has gone out is let go while its line is still long', async () => {
  const admission = new Admission(1000)
  const held: WeakRef<object>[] = []
  for (let id = 0; id < 200; id++) {
    const run = createRun(id, 1)
    held.push(new WeakRef(run))
    admission.push(run)
  }
  for (let id = 0; id < 20; id++) admission.shift()
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  assert.equal(held.slice(0, 20).filter((run) => run.deref() !== undefined).length, 0)
  assert.equal(held.slice(20).filter((run) => run.deref() !== undefined).length, 180)
  assert.equal(admission.size, 180)
})
