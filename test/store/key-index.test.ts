import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hashSecret } from '../../src/shared/key-hash.js'
import { EntryBytes } from '../../src/store/entry-bytes.js'
import { KeyIndex } from '../../src/store/key-index.js'
import { bytes } from './fixture.js'

const MAX_ENTRIES = 8
const NO_VALUE = new Uint8Array(0)

test('the index finds what a Map finds, however full and however the slots collide', () => {
  const nameArbitrary = fc.record({
    incarnation: fc.constantFrom(1, 2, 0xffff_ffff),
    key: fc.nat({ max: 12 }),
  })
  const secretArbitrary = fc.uint8Array({ minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(secretArbitrary, fc.array(nameArbitrary, { maxLength: 200 }), (random, names) => {
      // 16 slots for up to 8 entries: runs of taken slots wrap round the end often.
      const entryBytes = new EntryBytes(MAX_ENTRIES, 4096)
      const index = new KeyIndex(MAX_ENTRIES, hashSecret(random), entryBytes)
      const model = new Map<string, number>()
      const free = Array.from({ length: MAX_ENTRIES }, (_, id) => id)
      for (const { incarnation, key } of names) {
        const keyBytes = bytes(`key${key}`)
        const name = `${incarnation}/${key}`
        const found = index.find(incarnation, keyBytes)
        assert.equal(found, model.get(name) ?? -1)
        if (found >= 0) {
          index.remove(found)
          entryBytes.release(found)
          model.delete(name)
          free.unshift(found)
          continue
        }
        if (free.length === 0) {
          // As an eviction does it: a removal between the find and the insert.
          const [oldest, id] = [...model][0] ?? assert.fail()
          index.remove(id)
          entryBytes.release(id)
          model.delete(oldest)
          free.push(id)
        }
        const id = free.pop() ?? assert.fail()
        index.insert(id)
        entryBytes.write(id, incarnation, keyBytes, NO_VALUE)
        model.set(name, id)
      }
      for (const [name, id] of model) {
        const [incarnation, key] = name.split('/')
        assert.equal(index.find(Number(incarnation), bytes(`key${key}`)), id)
      }
    }),
    { numRuns: 2000 },
  )
})

test('removing what is not there is a defect, and is said', () => {
  const index = new KeyIndex(MAX_ENTRIES, hashSecret(new Uint8Array(8)), new EntryBytes(MAX_ENTRIES, 4096))
  assert.throws(() => index.remove(3), /holds no entry 3/)
})

test('one entry of room is enough', () => {
  const entryBytes = new EntryBytes(1, 100)
  const index = new KeyIndex(1, hashSecret(new Uint8Array(8)), entryBytes)
  assert.equal(index.find(1, NO_VALUE), -1)
  index.insert(0)
  entryBytes.write(0, 1, NO_VALUE, NO_VALUE)
  assert.equal(index.find(1, NO_VALUE), 0)
  assert.equal(index.find(2, NO_VALUE), -1)
})
