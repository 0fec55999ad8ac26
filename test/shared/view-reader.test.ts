import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { StripeSequences } from '../../src/shared/stripe-sequences.js'
import { openView } from '../../src/shared/view-layout.js'
import { ASK, FOUND, MAX_READ_BYTES, MISSING, ViewReader } from '../../src/shared/view-reader.js'
import type { Prefix } from '../../src/store/prefixes.js'
import type { StoreLimits, StoreParts } from '../../src/store/store.js'
import { bytes, createStore, FOREVER, type StoreFixture, text } from '../store/fixture.js'

interface ReaderFixture extends StoreFixture {
  readonly reader: ViewReader
  readonly hasPassed: (momentMs: number) => boolean
  read(prefix: Prefix, key: string): string | undefined | typeof ASK
}

function createReader(limits: Partial<StoreLimits> = {}, parts: StoreParts = {}): ReaderFixture {
  const fixture = createStore(limits, parts)
  const reader = new ViewReader(openView(fixture.store.view))
  const hasPassed = (momentMs: number): boolean => fixture.clock.now >= momentMs
  const read = (prefix: Prefix, key: string): string | undefined | typeof ASK => {
    const found = reader.find(prefix.incarnation, bytes(key), hasPassed)
    if (found === FOUND) return text(reader.bytes.slice(reader.valueAt, reader.valueAt + reader.valueBytes))
    return found === MISSING ? undefined : ASK
  }
  return { ...fixture, reader, hasPassed, read }
}

const stepArbitrary = fc.record({
  action: fc.constantFrom('put', 'put', 'put', 'delete', 'wait', 'sweep'),
  tenant: fc.nat({ max: 2 }),
  key: fc.nat({ max: 30 }),
  size: fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 1500 })),
  ttlMs: fc.oneof(fc.constant(FOREVER), fc.double({ min: 0.01, max: 50, noNaN: true })),
})

for (const stripes of [1, 4]) {
  test(`C7 C13 a reader finds exactly what the store gives, after whatever happened: ${stripes * 64} slots`, () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 150 }), (steps) => {
        const { store, prefixes, clock, read } = createReader({ maxEntries: 70, maxBytes: 8000 }, { stripes })
        const tenants = ['a', 'b', undefined].map((name) => prefixes.open(name))
        for (const [n, { action, tenant, key, size, ttlMs }] of steps.entries()) {
          const prefix = tenants[tenant] ?? assert.fail()
          const name = `k${key}`.padEnd(key)
          if (action === 'put') store.put(prefix, bytes(name), bytes(`${n}`.padEnd(size)), clock.now + ttlMs)
          else if (action === 'delete') store.delete(prefix, bytes(name))
          else if (action === 'wait') clock.now += ttlMs === FOREVER ? 0.5 : ttlMs
          else store.sweep(3)
          const asked = store.asked
          const found = read(prefix, name)
          if (found === ASK) assert.ok(asked > 0)
          else assert.equal(found, text(store.get(prefix, bytes(name))))
        }
        for (const prefix of tenants) {
          for (let key = 0; key <= 30; key++) {
            const name = `k${key}`.padEnd(key)
            const found = read(prefix, name)
            if (found !== ASK) assert.equal(found, text(store.get(prefix, bytes(name))))
          }
        }
      }),
      { numRuns: 300 },
    )
  })
}

test('C7 expiry is the instant that the store goes by, and the clock is read only where there is one', () => {
  const { store, prefixes, clock, reader, read } = createReader()
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('k'), bytes('v'), 1000.25)
  store.put(prefix, bytes('huge'), bytes('v'), 2 ** 53 - 1)
  store.put(prefix, bytes('for ever'), bytes('v'), FOREVER)
  clock.now = 1000.999
  assert.equal(read(prefix, 'k'), 'v')
  clock.now = 1001
  assert.equal(read(prefix, 'k'), undefined)
  assert.equal(read(prefix, 'huge'), 'v')
  const untouched = (): boolean => assert.fail('the clock was read')
  assert.equal(reader.find(prefix.incarnation, bytes('for ever'), untouched), FOUND)
  assert.equal(reader.find(prefix.incarnation, bytes('missing'), untouched), MISSING)
  // Written again without an expiry, then with another one.
  store.put(prefix, bytes('k'), bytes('w'), FOREVER)
  assert.equal(reader.find(prefix.incarnation, bytes('k'), untouched), FOUND)
  store.put(prefix, bytes('k'), bytes('x'), 2000)
  clock.now = 2000
  assert.equal(read(prefix, 'k'), undefined)
})

test('C8 C10 keys are compared byte for byte, and under one incarnation only', () => {
  const { store, prefixes, read } = createReader()
  const prefix = prefixes.open('t')
  const other = prefixes.open('u')
  const keys = [
    '',
    '\0',
    '\0\0',
    '\0\0\0',
    '\0\0\0\0',
    'abcd',
    'abcd\0',
    'abc',
    '\xff',
    '\xff\xff\xff\xff',
    'k'.repeat(1024),
  ]
  for (const [n, key] of keys.entries()) store.put(prefix, bytes(key), bytes(`${n}`), FOREVER)
  for (const [n, key] of keys.entries()) {
    assert.equal(read(prefix, key), `${n}`)
    assert.equal(read(other, key), undefined)
  }
  assert.equal(read(prefix, 'abce'), undefined)
  assert.equal(read(prefix, 'k'.repeat(1023)), undefined)
  assert.equal(read(prefix, 'k'.repeat(1025)), undefined)
  assert.equal(read(prefix, 'k'.repeat(100_000)), undefined)
})

test('a key is found in the words of a foreign memory as well', () => {
  const { store, prefixes, reader, hasPassed } = createReader()
  const { incarnation } = prefixes.open('t')
  const prefix = prefixes.open('t')
  for (let length = 0; length < 40; length++) {
    const key = bytes('k'.repeat(length))
    store.put(prefix, key, bytes(`${length}`), FOREVER)
    const memory = new Uint32Array(new SharedArrayBuffer(256)).fill(0xffff_ffff)
    new Uint8Array(memory.buffer).set(key, 20)
    reader.key.setWords(incarnation, memory, 5, length)
    assert.equal(reader.findKey(hasPassed), FOUND)
    assert.equal(text(reader.bytes.slice(0, reader.valueBytes)), `${length}`)
    reader.key.setWords(incarnation, memory, 6, length + 1)
    assert.equal(reader.findKey(hasPassed), MISSING)
  }
})

test('values of every size come out whole; beyond a bound main is asked', () => {
  const { store, prefixes, reader, hasPassed } = createReader()
  const prefix = prefixes.open('t')
  for (const size of [0, 1, 3, 4, 5, 191, 192, 193, 4096, 4097, 70_000, MAX_READ_BYTES]) {
    const value = Uint8Array.from({ length: size }, (_, n) => (n * 31 + size) & 255)
    store.put(prefix, bytes('key'), value, FOREVER)
    assert.equal(reader.find(prefix.incarnation, bytes('key'), hasPassed), FOUND)
    assert.equal(reader.valueBytes, size)
    assert.ok(Buffer.from(value).equals(reader.bytes.subarray(reader.valueAt, reader.valueAt + size)))
  }
  store.put(prefix, bytes('key'), new Uint8Array(MAX_READ_BYTES + 1), FOREVER)
  assert.equal(reader.find(prefix.incarnation, bytes('key'), hasPassed), ASK)
  assert.equal(store.get(prefix, bytes('key'))?.length, MAX_READ_BYTES + 1)
})

test('C13 an entry that was read elsewhere is spared once', () => {
  const { store, prefixes, read } = createReader({ maxEntries: 3 })
  const prefix = prefixes.open('t')
  for (const key of ['a', 'b', 'c']) store.put(prefix, bytes(key), bytes(key), FOREVER)
  assert.equal(read(prefix, 'a'), 'a')
  store.put(prefix, bytes('d'), bytes('d'), FOREVER)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => store.get(prefix, bytes(key)) !== undefined),
    [true, false, true, true],
  )
})

test('an expired or missing entry leaves no mark', () => {
  const { store, prefixes, clock, read } = createReader()
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('a'), bytes('a'), clock.now + 1)
  clock.now += 1
  assert.equal(read(prefix, 'a'), undefined)
  assert.equal(read(prefix, 'b'), undefined)
  assert.ok(openView(store.view).marks.every((mark) => mark === 0))
})

test('a stripe that never stops changing is asked about, not waited for', () => {
  const { store, prefixes, read } = createReader({}, { stripes: 1 })
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('a'), bytes('a'), FOREVER)
  const { sequences } = openView(store.view)
  sequences.begin(0)
  assert.equal(read(prefix, 'a'), ASK)
  assert.equal(read(prefix, 'b'), ASK)
  sequences.end(0)
  assert.equal(read(prefix, 'a'), 'a')
})

test('C10 a copy that is thrown away stays nowhere: it may be of somebody else', () => {
  const { store, prefixes } = createStore({}, { stripes: 1 })
  const prefix = prefixes.open('t')
  const view = openView(store.view)
  let change = (): void => {}
  class Changing extends StripeSequences {
    override isStill(stripe: number, sequence: number): boolean {
      change()
      return super.isStill(stripe, sequence)
    }
  }
  const sequences = new Changing(new Int32Array(store.view.buffer, 0, 2))
  const target = new Uint32Array(1024)
  for (const isToTarget of [false, true]) {
    const reader = new ViewReader({ ...view, sequences })
    if (isToTarget) reader.copyTo(target, 0, 4096)
    for (const sizeBytes of [20, 1000, 4096, 10_000]) {
      store.put(prefix, bytes('k'), bytes('t'.repeat(sizeBytes)), FOREVER)
      change = () => store.delete(prefix, bytes('k'))
      assert.equal(
        reader.find(prefix.incarnation, bytes('k'), () => false),
        MISSING,
      )
      for (const place of [reader.bytes, target]) assert.ok(place.every((unit) => unit === 0))
    }
  }
})

test('the view can be posted', () => {
  const { store, prefixes } = createReader()
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('a'), bytes('x'), FOREVER)
  const reader = new ViewReader(openView(structuredClone(store.view)))
  assert.equal(
    reader.find(prefix.incarnation, bytes('a'), () => false),
    FOUND,
  )
})
