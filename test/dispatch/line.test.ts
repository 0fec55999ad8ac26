import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Line, type Placed } from '../../src/dispatch/line.js'

interface Item extends Placed {
  readonly id: number
}

const createItem = (id: number): Item => ({ id, place: -1 })

test('any pushing, shifting and leaving from the middle goes as with an array', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('push'), at: fc.constant(0) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('shift'), at: fc.constant(0) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove'), at: fc.nat() }) },
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 600, size: 'max' }), (steps) => {
      const line = new Line<Item>()
      const model: Item[] = []
      for (const [id, { kind, at }] of steps.entries()) {
        if (kind === 'push') {
          const item = createItem(id)
          line.push(item)
          model.push(item)
        } else if (kind === 'shift') {
          assert.equal(line.peek()?.id, model[0]?.id)
          assert.equal(line.shift()?.id, model.shift()?.id)
        } else if (model.length > 0) {
          const [item] = model.splice(at % model.length, 1) as [Item]
          assert.ok(line.remove(item))
          assert.equal(line.remove(item), false)
        }
        assert.equal(line.size, model.length)
      }
      for (const item of model) assert.equal(line.shift(), item)
      assert.equal(line.shift(), undefined)
    }),
    { numRuns: 200 },
  )
})

test('what is put before a line comes first, and can leave', () => {
  const line = new Line<Item>()
  const items = Array.from({ length: 6 }, (_, id) => createItem(id))
  for (const item of items.slice(3)) line.push(item)
  assert.equal(line.shift(), items[3])
  line.prepend(items.slice(0, 3))
  assert.ok(line.remove(items[1] as Item))
  assert.equal(line.size, 4)
  assert.deepEqual(
    [line.shift(), line.shift(), line.shift(), line.shift()],
    [items[0], items[2], items[4], items[5]],
  )
  assert.equal(line.shift(), undefined)
})

test('what stands in another line cannot leave this one', () => {
  const [one, other] = [new Line<Item>(), new Line<Item>()]
  const [a, b] = [createItem(1), createItem(2)]
  one.push(a)
  other.push(b)
  assert.equal(one.remove(b), false)
  assert.equal(other.remove(a), false)
  assert.equal(one.remove(createItem(3)), false)
  assert.deepEqual([one.size, other.size], [1, 1])
})

test('a line that many left from its middle does not keep their places', () => {
  const line = new Line<Item>()
  const stays = createItem(-1)
  line.push(stays)
  for (let id = 0; id < 100_000; id++) {
    const item = createItem(id)
    line.push(item)
    assert.ok(line.remove(item))
  }
  assert.equal(line.size, 1)
  assert.ok(stays.place > 50_000, 'the line was closed up behind those that left')
  assert.equal(line.shift(), stays)
})
