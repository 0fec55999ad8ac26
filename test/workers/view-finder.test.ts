// The native finder against the reader in JavaScript and the store itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteRange } from '../../src/shared/byte-range.js'
import { HashedKey } from '../../src/shared/key-hash.js'
import { BLOCK, openView } from '../../src/shared/view-layout.js'
import { ASK, FOUND, ViewReader } from '../../src/shared/view-reader.js'
import { ViewWriter } from '../../src/store/view-writer.js'
import { createViewFinder } from '../../workers/view-finder.js'
import { bytes, createStore, FOREVER } from '../store/fixture.js'
import {
  ELSEWHERE,
  FINDER_KEY_BYTES,
  FINDER_VALUE_BYTES,
  FinderReader,
  MISSING,
  SHORT_VALUE_BYTES,
} from '../support/finder-reader.js'

const stepArbitrary = fc.record({
  action: fc.constantFrom('put', 'put', 'put', 'put', 'delete'),
  tenant: fc.nat({ max: 2 }),
  key: fc.nat({ max: FINDER_KEY_BYTES + 2 }),
  size: fc.oneof(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 3 * SHORT_VALUE_BYTES })),
  expires: fc.boolean(),
})

/** Of one length each, and some that begin alike. */
const keyOf = (n: number): Uint8Array => bytes('x'.repeat(Math.max(0, n - 1)) + (n > 0 ? 'abc'[n % 3] : ''))

for (const stripes of [1, 4]) {
  test(`C8 C10 what the finder says is what the reader says, or nothing: ${stripes} stripes`, () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 120 }), (steps) => {
        const { store, prefixes, clock } = createStore({ maxEntries: 70, maxBytes: 9000 }, { stripes })
        const reader = new ViewReader(openView(store.view))
        const finder = new FinderReader(store.view)
        const tenants = ['a', 'b', undefined].map((name) => prefixes.open(name))
        for (const [n, { action, tenant, key, size, expires }] of steps.entries()) {
          const prefix = tenants[tenant] ?? assert.fail()
          if (action === 'delete') store.delete(prefix, keyOf(key))
          else
            store.put(prefix, keyOf(key), bytes(`${n}`.padEnd(size, '.')), expires ? clock.now + 50 : FOREVER)
        }
        finder.finder.beginRun(clock.now + 50)
        let answered = 0
        for (const prefix of tenants) {
          for (let n = 0; n <= FINDER_KEY_BYTES; n++) {
            const key = keyOf(n)
            const found = finder.find(prefix.incarnation, key)
            const said = reader.find(prefix.incarnation, key, () => false)
            if (found === ELSEWHERE) {
              assert.equal(said, ASK, `it might have told key ${n}`)
              continue
            }
            answered++
            if (found === MISSING) assert.notEqual(said, FOUND)
            else assert.deepEqual([said, found], [FOUND, reader.bytes.slice(0, reader.valueBytes)])
          }
        }
        assert.ok(answered > 0)
      }),
      { numRuns: 300 },
    )
  })
}

test('C7 an entry that may expire before the run must end is not judged', () => {
  const { store, prefixes } = createStore()
  const { incarnation } = prefixes.open('t')
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('k'), bytes('v'), 2000)
  store.put(prefix, bytes('for ever'), bytes('w'), FOREVER)
  const finder = new FinderReader(store.view)
  const answers: unknown[] = []
  for (const aliveFromMs of [1999, 2000, 2000.001, Number.POSITIVE_INFINITY]) {
    finder.finder.beginRun(aliveFromMs)
    const found = finder.find(incarnation, bytes('k'))
    answers.push(typeof found === 'string' ? found : Buffer.from(found).toString())
    assert.deepEqual(finder.find(incarnation, bytes('for ever')), bytes('w'))
  }
  assert.deepEqual(answers, ['v', 'v', ELSEWHERE, ELSEWHERE])
})

test('C14 while a write of its own is not applied the finder says nothing', () => {
  const { store, prefixes } = createStore()
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('k'), bytes('v'), FOREVER)
  const finder = new FinderReader(store.view)
  finder.finder.noteOwnWrites(true)
  assert.deepEqual(
    [bytes('k'), bytes('missing')].map((key) => finder.find(prefix.incarnation, key)),
    [ELSEWHERE, ELSEWHERE],
  )
  finder.finder.noteOwnWrites(false)
  assert.deepEqual(finder.find(prefix.incarnation, bytes('k')), bytes('v'))
})

test('C14 a key that was written lately is left to the overlay, until that write was forgotten', () => {
  const { store, prefixes } = createStore()
  const prefix = prefixes.open('t')
  for (const key of ['a', 'b']) store.put(prefix, bytes(key), bytes(key), FOREVER)
  const finder = new FinderReader(store.view)
  const find = (key: string): unknown => finder.find(prefix.incarnation, bytes(key))
  const hashOf = (key: string): number => {
    const hashed = new HashedKey(store.view.secret, 10)
    hashed.setBytes(prefix.incarnation, bytes(key))
    return hashed.hash
  }
  for (const key of ['a', 'missing']) finder.finder.noteOwnWrite(hashOf(key))
  assert.deepEqual([find('a'), find('missing'), find('b')], [ELSEWHERE, ELSEWHERE, bytes('b')])
  finder.finder.forgetOlderWrites()
  assert.deepEqual([find('a'), find('missing')], [ELSEWHERE, ELSEWHERE])
  finder.finder.noteOwnWrite(hashOf('b'))
  finder.finder.forgetOlderWrites()
  assert.deepEqual([find('a'), find('missing'), find('b')], [bytes('a'), MISSING, ELSEWHERE])
  finder.finder.forgetOlderWrites()
  assert.deepEqual(find('b'), bytes('b'))
})

test('C13 what it finds is spared by the next eviction', () => {
  const { store, prefixes } = createStore({ maxEntries: 4 })
  const prefix = prefixes.open('t')
  for (const key of ['a', 'b', 'c', 'd']) store.put(prefix, bytes(key), bytes('v'), FOREVER)
  new FinderReader(store.view).find(prefix.incarnation, bytes('a'))
  for (const key of ['e', 'f']) store.put(prefix, bytes(key), bytes('v'), FOREVER)
  assert.ok(store.get(prefix, bytes('a')) !== undefined)
  assert.equal(store.get(prefix, bytes('b')), undefined)
})

test('C8 keys of zeros differ by their length, those of all bits by the rest, under any incarnation', () => {
  const { store } = createStore()
  const writer = new ViewWriter(openView(store.view))
  const finder = new FinderReader(store.view)
  const keys = Array.from({ length: FINDER_KEY_BYTES + 1 }, (_, n) => [
    new Uint8Array(n),
    new Uint8Array(n).fill(0xff),
  ]).flat()
  const incarnations = [1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
  let id = 0
  const expected = new Map<string, Uint8Array>()
  for (const incarnation of incarnations) {
    for (const key of keys.slice(1)) {
      assert.equal(writer.find(incarnation, key), -1)
      const value = bytes(`${id}`.padEnd(1 + (id % (2 * SHORT_VALUE_BYTES)), '.'))
      expected.set(`${incarnation}/${key}`, value)
      writer.insert(id++, new ByteRange().setBytes(value), FOREVER)
    }
  }
  const strangers = [...keys, bytes('\0x'), bytes('x'.padStart(40, '\0'))]
  for (const incarnation of [...incarnations, 3]) {
    for (const key of strangers) {
      assert.deepEqual(finder.find(incarnation, key), expected.get(`${incarnation}/${key}`) ?? MISSING)
    }
  }
})

test('behind a value there are zeros, never the bytes of an older entry', () => {
  const { store, prefixes } = createStore()
  const [a, b] = [prefixes.open('a'), prefixes.open('b')]
  const finder = new FinderReader(store.view)
  for (let size = 1; size <= SHORT_VALUE_BYTES; size++) {
    store.put(a, bytes('theirs'), bytes('\xff'.repeat(SHORT_VALUE_BYTES + 8)), FOREVER)
    store.delete(a, bytes('theirs'))
    store.put(b, bytes('own'), bytes('v'.repeat(size)), FOREVER)
    assert.deepEqual(finder.find(b.incarnation, bytes('own')), bytes('v'.repeat(size)))
    const last = finder.lastPart(size)
    assert.equal(Buffer.from(last).toString('latin1'), 'v'.repeat(((size - 1) & 7) + 1).padEnd(8, '\0'))
    store.delete(b, bytes('own'))
  }
})

test('C10 long values are taken whole, up to the size from which on main is asked', () => {
  const { store, prefixes } = createStore({ maxEntries: 4, maxBytes: 8 * FINDER_VALUE_BYTES })
  const prefix = prefixes.open('t')
  const finder = new FinderReader(store.view)
  const around = (size: number): number[] => [size - 1, size, size + 1]
  const sizes = [SHORT_VALUE_BYTES, 2 * SHORT_VALUE_BYTES, 1000, 4096, 65_536, FINDER_VALUE_BYTES].flatMap(
    around,
  )
  for (const size of sizes) {
    const value = Uint8Array.from({ length: size }, (_, at) => (at * 7 + size) % 251)
    store.put(prefix, bytes('k'), value, FOREVER)
    const found = finder.find(prefix.incarnation, bytes('k'))
    if (size > FINDER_VALUE_BYTES) assert.equal(found, ELSEWHERE)
    else assert.ok(Buffer.from(found).equals(value), `${size} bytes`)
  }
})

test('C10 a long value that changes between its parts is not told, and nothing of it stays', () => {
  const { store, prefixes } = createStore({ maxEntries: 4, maxBytes: 8 * FINDER_VALUE_BYTES }, { stripes: 1 })
  const prefix = prefixes.open('t')
  const finder = new FinderReader(store.view)
  const put = (key: string, text: string): void => {
    store.put(prefix, bytes(key), bytes(text.repeat(500)), FOREVER)
  }
  const changes: Record<string, () => void> = {
    overwritten: () => put('k', 'new'),
    'another of its stripe written': () => put('other', 'x'),
    deleted: () => store.delete(prefix, bytes('k')),
  }
  for (const [how, change] of Object.entries(changes)) {
    put('k', 'old')
    assert.equal(finder.find(prefix.incarnation, bytes('k'), change), ELSEWHERE, how)
  }
})

const damageArbitrary = fc.oneof(
  fc.integer(),
  fc.integer({ min: -40, max: 40 }),
  fc.integer({ min: 100, max: 9000 }),
  fc.integer({ min: 100, max: FINDER_VALUE_BYTES + 8 }),
)

test('damaged slots trap nothing, and show nothing beyond the arena: odd places, lengths of any size', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 5 }), damageArbitrary), { maxLength: 6 }), (changes) => {
      const { store, prefixes } = createStore({ maxEntries: 20, maxBytes: 2000 }, { stripes: 1 })
      const prefix = prefixes.open('t')
      for (let n = 0; n < 10; n++) store.put(prefix, keyOf(n), bytes('value'), FOREVER)
      const view = openView(store.view)
      for (let slot = 0; slot < 64; slot++) {
        if (view.slots[slot * 8] === 0) continue
        // The hash stays: otherwise nothing is looked at.
        for (const [word, value] of changes) if (word > 0) view.slots[slot * 8 + word] = value
      }
      const finder = new FinderReader(store.view)
      const reader = new ViewReader(view)
      for (let n = 0; n <= FINDER_KEY_BYTES; n++) {
        const found = finder.find(prefix.incarnation, keyOf(n))
        // A place beyond 4 GiB wraps, to be bounded as any other is.
        if (found === ELSEWHERE || changes.some(([word, value]) => word === BLOCK && value >>> 30 !== 0))
          continue
        const said = reader.find(prefix.incarnation, keyOf(n), () => false)
        // No value is empty.
        if (found === MISSING) assert.ok(said !== FOUND || reader.valueBytes === 0)
        else assert.deepEqual([said, found], [FOUND, reader.bytes.slice(0, reader.valueBytes)])
      }
    }),
    { numRuns: 1000 },
  )
})

test('a view of more than 4 GiB has no finder, and needs none', () => {
  const { store } = createStore()
  assert.equal(createViewFinder({ ...store.view, wasm: undefined }, 0), undefined)
})
