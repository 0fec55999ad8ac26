// The store against the simplest program that could be it: random operations on few keys of few prefixes, with limits
// so small that most puts need room. Two stores follow each sequence, one swept after every step, one never: when the
// memory of expired entries comes back must not be visible.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { StoreLimits } from '../../src/store/store.js'
import { bytes, createStore, FOREVER, type StoreFixture, text } from './fixture.js'

interface ModelEntry {
  readonly name: string
  readonly value: string
  readonly size: number
  readonly deadline: number
}

class Model {
  entries: ModelEntry[] = [] // least recently used first
  now = 1000
  counts = { hits: 0, misses: 0, evictions: 0, expirations: 0, refused: 0 }
  readonly limits: StoreLimits

  constructor(limits: StoreLimits) {
    this.limits = limits
  }

  get bytes(): number {
    return this.entries.reduce((sum, entry) => sum + entry.size, 0)
  }

  advance(ms: number): void {
    this.now += ms
    const held = this.entries.length
    this.entries = this.entries.filter((entry) => this.now < entry.deadline)
    this.counts.expirations += held - this.entries.length
  }

  take(name: string): ModelEntry | undefined {
    const entry = this.entries.find((candidate) => candidate.name === name)
    this.entries = this.entries.filter((candidate) => candidate !== entry)
    return entry
  }

  get(name: string): string | undefined {
    const entry = this.take(name)
    if (entry) this.entries.push(entry)
    this.counts[entry ? 'hits' : 'misses']++
    return entry?.value
  }

  put(name: string, prefixBytes: number, key: string, value: string, expires: number): boolean {
    const size = prefixBytes + key.length + value.length + 64
    const { maxEntries, maxBytes, maxKeyBytes, maxValueBytes } = this.limits
    if (key.length > maxKeyBytes || value.length > maxValueBytes || size > maxBytes) {
      this.counts.refused++
      return false
    }
    this.take(name)
    if (expires <= this.now) return true
    while (this.entries.length + 1 > maxEntries || this.bytes + size > maxBytes) {
      this.entries.shift()
      this.counts.evictions++
    }
    this.entries.push({ name, value, size, deadline: Math.ceil(expires) })
    return true
  }
}

const PREFIXES: readonly (string | undefined)[] = [undefined, 'a', 'a:b', 'é', '']
const KEYS = ['', 'c', 'b:c', '\0', 'c\0', '\xff\xfe', ':', 'k'.repeat(9)]

const prefixArbitrary = fc.nat({ max: PREFIXES.length - 1 })
const keyArbitrary = fc.constantFrom(...KEYS)
const ttlArbitrary = fc.oneof(
  fc.constant(FOREVER),
  fc.constantFrom(0, -5, 1, 0.25, 1e12, 2 ** 53, 2 ** 60),
  fc.double({ min: 0.001, max: 40, noNaN: true }),
  fc.nat({ max: 5000 }),
)
const stepArbitrary = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constant('put' as const),
      prefixArbitrary,
      keyArbitrary,
      fc.nat({ max: 60 }),
      ttlArbitrary,
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant('get' as const), prefixArbitrary, keyArbitrary) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('delete' as const), prefixArbitrary, keyArbitrary) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant('advance' as const),
      fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.nat({ max: 3000 }), fc.constant(86_400_000)),
    ),
  },
)
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never

const limitsArbitrary = fc.record({
  maxEntries: fc.integer({ min: 1, max: 6 }),
  maxBytes: fc.integer({ min: 60, max: 600 }),
  maxValueBytes: fc.constant(50),
  maxKeyBytes: fc.constant(8),
})

const prefixBytes = (prefix: number): number => Buffer.byteLength(PREFIXES[prefix] ?? '')
const nameOf = (prefix: number, key: string): string => `${prefix}/${key}`

class Pair {
  readonly model: Model
  readonly fixture: StoreFixture
  readonly #opened
  readonly #swept: boolean

  constructor(limits: StoreLimits, swept: boolean) {
    this.model = new Model(limits)
    this.fixture = createStore(limits)
    this.#opened = PREFIXES.map((prefix) => this.fixture.prefixes.open(prefix))
    this.#swept = swept
  }

  run(step: Step, serial: number): void {
    const { store, clock } = this.fixture
    if (step[0] === 'advance') {
      this.model.advance(step[1])
      clock.now = this.model.now
    } else {
      const [, prefix, key] = step
      const opened = this.#opened[prefix]
      assert.ok(opened)
      const name = nameOf(prefix, key)
      if (step[0] === 'get') assert.equal(text(store.get(opened, bytes(key))), this.model.get(name), name)
      else if (step[0] === 'delete')
        assert.equal(store.delete(opened, bytes(key)), this.model.take(name) !== undefined)
      else {
        const value = String(serial).padEnd(step[3], '.')
        const expires = this.model.now + step[4]
        const stored = store.put(opened, bytes(key), bytes(value), expires)
        assert.equal(stored, this.model.put(name, prefixBytes(prefix), key, value, expires))
      }
    }
    this.compare()
  }

  compare(): void {
    const { store } = this.fixture
    if (this.#swept) store.sweep(100)
    const { entries, bytes: held, expirations, ...counts } = store.statistics()
    assert.ok(entries <= this.model.limits.maxEntries && held <= this.model.limits.maxBytes)
    const { expirations: expected, ...expectedCounts } = this.model.counts
    assert.deepEqual(counts, expectedCounts)
    if (!this.#swept) {
      assert.ok(entries >= this.model.entries.length && held >= this.model.bytes && expirations <= expected)
      return
    }
    assert.deepEqual([entries, held, expirations], [this.model.entries.length, this.model.bytes, expected])
  }

  finish(): void {
    for (let prefix = 0; prefix < PREFIXES.length; prefix++) {
      for (const key of KEYS) this.run(['get', prefix, key], 0)
    }
    this.fixture.store.sweep(100)
    const { entries, bytes: held, expirations } = this.fixture.store.statistics()
    const { model } = this
    assert.deepEqual(
      [entries, held, expirations],
      [model.entries.length, model.bytes, model.counts.expirations],
    )
    for (const prefix of this.#opened) this.fixture.prefixes.unpin(prefix)
    assert.equal(
      this.fixture.prefixes.size,
      new Set(model.entries.map(({ name }) => name.split('/')[0])).size,
    )
  }
}

for (const swept of [true, false]) {
  test(`the store behaves as the model, ${swept ? 'swept after each step' : 'never swept'}`, () => {
    fc.assert(
      fc.property(limitsArbitrary, fc.array(stepArbitrary, { maxLength: 60 }), (limits, steps) => {
        const pair = new Pair(limits, swept)
        for (const [index, step] of steps.entries()) pair.run(step, index)
        pair.finish()
      }),
      { numRuns: 1500 },
    )
  })
}
