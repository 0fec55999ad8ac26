// Which keys the finder leaves to the overlay, on a finder that only remembers what it was told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ViewFinder } from '../../workers/view-finder.js'
import { MAX_RECORD, NEVER, Worker } from './overlay-fixture.js'

class RememberingFinder implements ViewFinder {
  areAll = true
  newer = new Set<number>()
  older = new Set<number>()

  setView(): void {}
  beginRun(): void {}

  noteOwnWrites(areThere: boolean): void {
    this.areAll = areThere
  }

  noteOwnWrite(hash: number): void {
    this.newer.add(hash)
  }

  forgetOlderWrites(): void {
    this.older = this.newer
    this.newer = new Set()
  }

  leaves(hash: number): boolean {
    return this.areAll || this.newer.has(hash) || this.older.has(hash)
  }
}

const stepArbitrary = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('put' as const), key: fc.nat({ max: 200 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key: fc.nat({ max: 200 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('find' as const), key: fc.nat({ max: 200 }) }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('apply' as const), key: fc.nat({ max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('chunks' as const), key: fc.nat({ max: 200 }) }) },
)

test('C14 no unapplied write is hidden from a reader that asks the finder first', () => {
  let left = 0
  let asked = 0
  fc.assert(
    fc.property(
      fc.array(stepArbitrary, { maxLength: 600, size: 'max' }),
      fc.constantFrom(8, 64, 1024),
      (steps, slots) => {
        const finder = new RememberingFinder()
        const worker = new Worker({ slots, finder })
        const unapplied: string[] = []
        const applyOne = worker.applyOne.bind(worker)
        worker.applyOne = () => {
          const isApplied = applyOne()
          if (isApplied) unapplied.shift()
          return isApplied
        }
        const hashOf = (key: string): number => {
          worker.key.setBytes(1, Buffer.from(key))
          return worker.key.hash
        }
        for (const { do: what, key } of steps) {
          const name = `key${key}`
          if (what === 'apply') for (let n = 0; n <= key; n++) worker.applyOne()
          else if (what === 'find') {
            asked++
            if (!finder.leaves(hashOf(name))) continue
            left++
            worker.find(name)
          } else {
            unapplied.push(name)
            if (what === 'put') worker.put(name, 'v')
            else if (what === 'delete') worker.delete(name)
            else worker.putSized(name, 'v', MAX_RECORD, NEVER)
          }
          for (const written of unapplied) assert.ok(finder.leaves(hashOf(written)), written)
        }
      },
    ),
    { numRuns: 200 },
  )
  assert.ok(left < asked, `all of ${asked} reads were left to the overlay`)
})

test('what was applied is forgotten: while others are written, and once all are', () => {
  const finder = new RememberingFinder()
  const worker = new Worker({ finder })
  worker.find('anything')
  assert.equal(finder.areAll, false)
  worker.put('first', 'v')
  worker.key.setBytes(1, Buffer.from('first'))
  const { hash } = worker.key
  for (let n = 0; n < 300; n++) {
    worker.put(`k${n % 20}`, 'v')
    if (n > 5) worker.applyOne()
  }
  assert.equal(finder.leaves(hash), false)
  assert.ok(finder.newer.size + finder.older.size > 0)
  worker.applyAll()
  worker.find('first')
  assert.deepEqual([finder.newer.size, finder.older.size, finder.areAll], [0, 0, false])
})

test('a value in chunks leaves every key to the overlay until it is applied', () => {
  const finder = new RememberingFinder()
  const worker = new Worker({ finder })
  worker.find('anything')
  worker.putSized('big', 'x', MAX_RECORD, NEVER)
  assert.ok(finder.areAll)
  worker.put('behind', 'v')
  worker.applyOne()
  worker.find('other')
  assert.ok(finder.areAll, 'something is unapplied, and it has not looked at what')
  worker.applyAll()
  worker.find('other')
  assert.equal(finder.areAll, false)
})
