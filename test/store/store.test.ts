import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteRange } from '../../src/shared/byte-range.js'
import { openView } from '../../src/shared/view-layout.js'
import { bytes, createStore, FOREVER, text } from './fixture.js'

const VALUE = bytes('value')

test('C2 put replaces and takes an earlier expiry away', () => {
  const { store, prefixes, clock } = createStore()
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('k'), bytes('one'), clock.now + 10)
  store.put(prefix, bytes('k'), bytes('two'), FOREVER)
  clock.now += 1e9
  assert.equal(text(store.get(prefix, bytes('k'))), 'two')
  assert.equal(store.statistics().entries, 1)
})

test('C3 an expiry is rounded up to whole milliseconds', () => {
  const { store, prefixes, clock } = createStore()
  const prefix = prefixes.open(undefined)
  clock.now = 1000.4
  store.put(prefix, bytes('k'), VALUE, 1000.4 + 0.1)
  clock.now = 1000.999
  assert.ok(store.get(prefix, bytes('k')))
  clock.now = 1001
  assert.equal(store.get(prefix, bytes('k')), undefined)
})

test('C5 an expiry that has come already deletes, and is never for ever', () => {
  const { store, prefixes, clock } = createStore()
  const prefix = prefixes.open('t')
  for (const expiresAtMs of [clock.now, clock.now - 1, 0, -1e300, Number.NEGATIVE_INFINITY, Number.NaN]) {
    store.put(prefix, bytes('k'), VALUE, FOREVER)
    assert.equal(store.put(prefix, bytes('k'), VALUE, expiresAtMs), true)
    assert.equal(store.get(prefix, bytes('k')), undefined, `${expiresAtMs}`)
    assert.equal(store.put(prefix, bytes('absent'), VALUE, expiresAtMs), true)
  }
  assert.equal(store.statistics().entries, 0)
})

test('C6 from 2^53 ms on there is no expiry', () => {
  const { store, prefixes, clock } = createStore()
  const prefix = prefixes.open('t')
  for (const [key, expiresAtMs] of [
    ['a', 2 ** 53],
    ['b', 1e300],
    ['c', FOREVER],
  ] as const) {
    store.put(prefix, bytes(key), VALUE, expiresAtMs)
  }
  assert.equal(store.hasExpiring, false)
  store.put(prefix, bytes('d'), VALUE, 2 ** 53 - 1)
  assert.equal(store.hasExpiring, true)
  clock.now = 2 ** 53 - 2
  assert.ok(store.get(prefix, bytes('d')))
  clock.now = 2 ** 53
  assert.equal(store.get(prefix, bytes('d')), undefined)
  assert.ok(store.get(prefix, bytes('a')))
})

test('C7 an entry is visible while now < expiresAt, for every operation', () => {
  const { store, prefixes, clock } = createStore()
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('read'), VALUE, 2000)
  store.put(prefix, bytes('deleted'), VALUE, 2000)
  store.put(prefix, bytes('kept'), VALUE, 2001)
  clock.now = 1999.999
  assert.ok(store.get(prefix, bytes('read')))
  clock.now = 2000
  assert.equal(store.get(prefix, bytes('read')), undefined)
  assert.equal(store.delete(prefix, bytes('deleted')), false)
  assert.equal(store.delete(prefix, bytes('kept')), true)
  const { hits, misses, expirations, entries, bytes: held } = store.statistics()
  assert.deepEqual([hits, misses, expirations, entries, held], [1, 1, 2, 0, 0])
})

test('C8 keys are compared byte for byte: every byte value, NUL, the empty key, a kilobyte', () => {
  const { store, prefixes } = createStore()
  const prefix = prefixes.open('t')
  const keys = [
    '',
    '\0',
    '\0\0',
    'k'.repeat(1024),
    ...Array.from({ length: 256 }, (_, n) => `x${String.fromCharCode(n)}`),
  ]
  for (const [n, key] of keys.entries())
    assert.equal(store.put(prefix, bytes(key), bytes(`${n}`), FOREVER), true)
  assert.equal(store.statistics().entries, keys.length)
  for (const [n, key] of keys.entries()) assert.equal(text(store.get(prefix, bytes(key))), `${n}`)
})

test('C10 prefix and key never run together, and no prefix is a space of its own', () => {
  const { store, prefixes } = createStore()
  const pairs: [string | undefined, string][] = [
    ['a', 'b:c'],
    ['a:b', 'c'],
    ['a:b:c', ''],
    [undefined, 'a:b:c'],
    ['', 'a:b:c'],
    ['undefined', 'a:b:c'],
    ['1', ':x'],
    ['1:', 'x'],
    ['\0', 'x'],
    [undefined, '\0x'],
    ['A', 'b:c'],
    ['é', 'x'],
    ['e\u0301', 'x'],
  ]
  const opened = pairs.map(([prefix, key]) => ({ prefix: prefixes.open(prefix), key: bytes(key) }))
  for (const [n, { prefix, key }] of opened.entries()) store.put(prefix, key, bytes(`${n}`), FOREVER)
  assert.equal(store.statistics().entries, pairs.length)
  for (const [n, { prefix, key }] of opened.entries()) assert.equal(text(store.get(prefix, key)), `${n}`)
})

test('C12 put copies, also out of shared memory', () => {
  const { store, prefixes } = createStore()
  const prefix = prefixes.open('t')
  for (const source of [new Uint8Array(new SharedArrayBuffer(100)), Buffer.alloc(100), new Uint8Array(100)]) {
    const ring = source.fill(1)
    const key = ring.subarray(0, 4)
    store.put(prefix, key, ring.subarray(4, 60), FOREVER)
    const first = store.get(prefix, bytes('\x01\x01\x01\x01'))
    assert.ok(first && first.buffer !== source.buffer)
    // The same length again: still a copy.
    store.put(prefix, key, ring.subarray(4, 60), FOREVER)
    ring.fill(9)
    assert.deepEqual([...(store.get(prefix, bytes('\x01\x01\x01\x01')) ?? [])], Array<number>(56).fill(1))
    assert.equal(store.get(prefix, key), undefined)
  }
})

test('C13 a key set by words is refused as one by bytes where it is too long', () => {
  const { store, prefixes } = createStore({ maxKeyBytes: 8 })
  const prefix = prefixes.open('t')
  const value = new ByteRange().setBytes(VALUE)
  const stored = [8, 9, 400].map((keyBytes) => {
    store.key.setWords(prefix.incarnation, new Uint32Array(100), 0, keyBytes)
    return store.putValue(prefix, value, FOREVER)
  })
  assert.deepEqual(stored, [true, false, false])
  assert.deepEqual([store.statistics().entries, store.statistics().refused], [1, 2])
})

test('C13 what can never fit is refused and leaves the old entry', () => {
  const { store, prefixes } = createStore({ maxBytes: 200, maxValueBytes: 150, maxKeyBytes: 8 })
  const prefix = prefixes.open('tenant') // 6 bytes
  store.put(prefix, bytes('key'), VALUE, FOREVER)
  const most = 200 - 64 - 6 - 3
  assert.equal(store.put(prefix, bytes('key'), new Uint8Array(most + 1), FOREVER), false)
  assert.equal(text(store.get(prefix, bytes('key'))), 'value')
  assert.equal(store.put(prefix, bytes('key'), new Uint8Array(most), FOREVER), true)
  assert.equal(store.statistics().bytes, 200)
  assert.equal(store.put(prefix, bytes('k'.repeat(9)), VALUE, FOREVER), false)
  assert.equal(store.put(prefix, bytes('k'), new Uint8Array(151), FOREVER), false)
  const { refused, evictions, entries, bytes: held } = store.statistics()
  assert.deepEqual([refused, evictions, entries, held], [3, 0, 1, 200])
})

test('C13 with room for one entry the newest put is readable', () => {
  const { store, prefixes } = createStore({ maxEntries: 1 })
  const prefix = prefixes.open('t')
  for (let n = 0; n < 100; n++) {
    store.put(prefix, bytes(`k${n}`), bytes(`${n}`), n % 2 === 0 ? FOREVER : 1e6)
    assert.equal(text(store.get(prefix, bytes(`k${n}`))), `${n}`)
    assert.equal(store.statistics().entries, 1)
  }
  assert.equal(store.statistics().evictions, 99)
})

test('C13 expired entries go before live ones, however recently used', () => {
  const { store, prefixes, clock } = createStore({ maxEntries: 3 })
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('oldest'), VALUE, FOREVER)
  store.put(prefix, bytes('x'), VALUE, clock.now + 5000)
  store.put(prefix, bytes('y'), VALUE, clock.now + 5001)
  clock.now += 5000
  store.put(prefix, bytes('new'), VALUE, FOREVER)
  assert.ok(store.get(prefix, bytes('oldest')))
  assert.ok(store.get(prefix, bytes('y')))
  const { evictions, expirations } = store.statistics()
  assert.deepEqual([evictions, expirations], [0, 1])
})

test('C13 among 50,000 entries the one live and oldest stays while any other is expired', () => {
  const { store, prefixes, clock } = createStore()
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('live'), VALUE, FOREVER)
  for (let n = 1; n < 50_000; n++) store.put(prefix, bytes(`${n}`), VALUE, clock.now + 100_000 + (n % 40_000))
  clock.now += 100_001
  // Three are expired: the 1st, the 40,000th and the 40,001st.
  for (let n = 0; n < 3; n++) store.put(prefix, bytes(`new${n}`), VALUE, FOREVER)
  assert.ok(store.get(prefix, bytes('live')))
  const { evictions, expirations } = store.statistics()
  assert.deepEqual([evictions, expirations], [0, 3])
})

test('C13 get and put count as use', () => {
  const { store, prefixes } = createStore({ maxEntries: 3 })
  const prefix = prefixes.open('t')
  for (const key of ['a', 'b', 'c']) store.put(prefix, bytes(key), VALUE, FOREVER)
  store.get(prefix, bytes('a'))
  store.put(prefix, bytes('b'), VALUE, FOREVER)
  store.put(prefix, bytes('d'), VALUE, FOREVER)
  assert.equal(store.get(prefix, bytes('c')), undefined)
  store.put(prefix, bytes('e'), VALUE, FOREVER)
  assert.equal(store.get(prefix, bytes('a')), undefined)
  assert.ok(store.get(prefix, bytes('b')))
})

test('C13 an overwrite that grows evicts others, never itself, and accounts what it frees', () => {
  const { store, prefixes } = createStore({ maxBytes: 4 * 100 })
  const prefix = prefixes.open('t') // 1 byte
  const value = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes - 64 - 1 - 1)
  for (const key of ['a', 'b', 'c', 'd']) store.put(prefix, bytes(key), value(100), FOREVER)
  store.put(prefix, bytes('a'), value(101), FOREVER)
  assert.equal(store.get(prefix, bytes('b')), undefined)
  assert.equal(store.statistics().bytes, 301)
  store.put(prefix, bytes('c'), value(400), FOREVER)
  const { entries, bytes: held, evictions } = store.statistics()
  assert.deepEqual([entries, held, evictions], [1, 400, 3])
  store.put(prefix, bytes('c'), value(70), FOREVER)
  assert.equal(store.statistics().bytes, 70)
})

test('touched marks spare an entry once, and at most eight in one eviction', () => {
  const { store, prefixes } = createStore({ maxEntries: 10 })
  const { marks } = openView(store.view)
  const prefix = prefixes.open('t')
  for (let n = 0; n < 10; n++) store.put(prefix, bytes(`${n}`), VALUE, FOREVER)
  marks.set([1, 1])
  store.put(prefix, bytes('new'), VALUE, FOREVER)
  assert.equal(store.get(prefix, bytes('2')), undefined)
  marks.fill(1)
  store.put(prefix, bytes('newer'), VALUE, FOREVER)
  assert.equal(store.statistics().evictions, 2)
  // Order was 3 … 9, 0, 1, new: eight are spared, so the ninth goes.
  assert.equal(store.get(prefix, bytes('1')), undefined)
})

test('touched marks never turn an overwrite against its own entry', () => {
  const { store, prefixes } = createStore({ maxBytes: 300 })
  const prefix = prefixes.open('t')
  for (const key of ['a', 'b', 'c']) store.put(prefix, bytes(key), new Uint8Array(34), FOREVER)
  openView(store.view).marks.fill(1)
  store.put(prefix, bytes('b'), new Uint8Array(234), FOREVER)
  assert.equal(store.get(prefix, bytes('b'))?.length, 234)
  const { entries, bytes: held } = store.statistics()
  assert.deepEqual([entries, held], [1, 300])
})

test('C18 a sweep is bounded and complete in turns', () => {
  const { store, prefixes, clock } = createStore()
  const prefix = prefixes.open('t')
  for (let n = 0; n < 50_000; n++) store.put(prefix, bytes(`${n}`), VALUE, 9000)
  prefixes.unpin(prefix)
  assert.equal(store.sweep(1000), 0)
  clock.now = 9000
  assert.ok(store.sweep(1000) <= 1000)
  let turns = 1
  for (; store.hasExpired; turns++) store.sweep(1000)
  assert.ok(turns >= 50 && turns <= 60, `${turns} turns`)
  const { entries, bytes: held, expirations } = store.statistics()
  assert.deepEqual([entries, held, expirations, prefixes.size], [0, 0, 50_000, 0])
})

test('entries pin their prefix; the last one gone frees it', () => {
  const { store, prefixes, clock } = createStore({ maxEntries: 2 })
  const first = prefixes.open('first')
  store.put(first, bytes('k'), VALUE, FOREVER)
  store.put(first, bytes('k'), VALUE, FOREVER)
  prefixes.unpin(first)
  assert.equal(prefixes.size, 1)
  const second = prefixes.open('second')
  store.put(second, bytes('k'), VALUE, clock.now + 1)
  store.put(second, bytes('l'), VALUE, FOREVER)
  assert.equal(prefixes.size, 1)
  clock.now += 1
  store.sweep(10)
  store.delete(second, bytes('l'))
  assert.equal(prefixes.size, 1)
  prefixes.unpin(second)
  assert.equal(prefixes.size, 0)
})

test('a prefix that lost its entries and comes back does not find old ones', () => {
  const { store, prefixes } = createStore()
  const before = prefixes.open('t')
  store.put(before, bytes('k'), VALUE, FOREVER)
  store.delete(before, bytes('k'))
  prefixes.unpin(before)
  const after = prefixes.open('t')
  assert.notEqual(after.incarnation, before.incarnation)
  assert.equal(store.get(after, bytes('k')), undefined)
})

test('500,000 entries, and the one after', () => {
  const { store, prefixes, clock } = createStore({ maxEntries: 500_000 })
  const prefix = prefixes.open('t')
  const key = new Uint8Array(4)
  const view = new DataView(key.buffer)
  const one = new Uint8Array(1)
  for (let n = 0; n <= 500_000; n++) {
    view.setUint32(0, n)
    store.put(prefix, key, one, n % 2 === 0 ? FOREVER : clock.now + 1 + n)
  }
  const { entries, evictions, bytes: held } = store.statistics()
  assert.deepEqual([entries, evictions, held], [500_000, 1, 500_000 * (64 + 1 + 4 + 1)])
  view.setUint32(0, 0)
  assert.equal(store.get(prefix, key), undefined)
  view.setUint32(0, 500_000)
  assert.ok(store.get(prefix, key))
  clock.now += 1e6
  while (store.hasExpired || store.sweep(10_000) > 0) store.sweep(10_000)
  assert.equal(store.statistics().entries, 250_000)
})
