import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EntryBytes } from '../../src/store/entry-bytes.js'
import { bytes, text } from './fixture.js'

const IDS = 6

test('every id keeps its key and value, in the arena or as a stray', () => {
  const step = fc.record({
    id: fc.nat({ max: IDS - 1 }),
    key: fc.nat({ max: 40 }),
    value: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 900 })),
    release: fc.boolean(),
  })
  let strays = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      // Far smaller than what is written, so that strays are common.
      const entryBytes = new EntryBytes(IDS, 1500)
      const model = new Map<number, { incarnation: number; key: string; value: string }>()
      for (const [n, { id, key, value, release }] of steps.entries()) {
        if (release && model.delete(id)) entryBytes.release(id)
        else if (!release) {
          const written = { incarnation: n, key: `${n}`.padEnd(key, 'k'), value: `${n}`.padEnd(value, 'v') }
          entryBytes.write(id, n, bytes(written.key), bytes(written.value))
          model.set(id, written)
        }
        strays = Math.max(strays, entryBytes.strays)
        for (const [held, written] of model) {
          assert.equal(text(entryBytes.value(held)), written.value)
          assert.ok(entryBytes.hasKey(held, written.incarnation, bytes(written.key)))
          assert.ok(!entryBytes.hasKey(held, written.incarnation, bytes(`${written.key}x`)))
          assert.ok(!entryBytes.hasKey(held, written.incarnation + 1, bytes(written.key)))
          assert.ok(!entryBytes.hasKey(held, written.incarnation, bytes(written.key).fill(1)))
        }
      }
      for (const id of model.keys()) entryBytes.release(id)
      assert.equal(entryBytes.strays, 0)
    }),
    { numRuns: 1000 },
  )
  assert.ok(strays > 0)
})

test('a store full of entries of one size needs no strays: an entry takes less than it counts', () => {
  for (const size of [0, 1, 8, 9, 100, 1000]) {
    const most = Math.floor(2 ** 20 / (64 + size))
    const entryBytes = new EntryBytes(most, 2 ** 20)
    for (let id = 0; id < most; id++) entryBytes.write(id, 1, new Uint8Array(0), new Uint8Array(size))
    assert.equal(entryBytes.strays, 0, `${size}`)
  }
})

test('an overwrite by something shorter gives its room back', () => {
  const entryBytes = new EntryBytes(3, 4096)
  const none = new Uint8Array(0)
  entryBytes.write(0, 1, none, new Uint8Array(3500))
  entryBytes.write(0, 1, none, new Uint8Array(100))
  entryBytes.write(1, 1, none, new Uint8Array(3500))
  assert.equal(entryBytes.strays, 0)
})
