// C13 under churn: mixed sizes, times and prefixes at the limit, for long enough that the arena's free space is in pieces.
// The seed is random and said when something fails; CHURN_SEED=<seed> repeats it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openView } from '../../src/shared/view-layout.js'
import { ASK, FOUND, ViewReader } from '../../src/shared/view-reader.js'
import type { Prefix } from '../../src/store/prefixes.js'
import { createStore, FOREVER, type StoreFixture } from './fixture.js'

const LIMITS = { maxEntries: 3000, maxBytes: 4 * 2 ** 20, maxValueBytes: 2 ** 18, maxKeyBytes: 1024 }
const STEPS = 150_000
const TENANTS = 40

function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0
    let n = Math.imul(state ^ (state >>> 15), 1 | state)
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n
    return ((n ^ (n >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Mostly small, sometimes medium, rarely a good part of the store. */
function randomSize(random: () => number, phase: number): number {
  const kind = random()
  if (kind < 0.8) return Math.floor(random() * (phase % 2 === 0 ? 120 : 900))
  if (kind < 0.99) return Math.floor(random() * 8000)
  return Math.floor(random() * LIMITS.maxValueBytes)
}

class Churn {
  readonly fixture: StoreFixture = createStore(LIMITS)
  /** Reads of live entries by another thread's way: all, and those that only main could answer. */
  reads = 0
  asked = 0
  readonly #reader = new ViewReader(openView(this.fixture.store.view))
  readonly #random: () => number
  /** What each key was given last; it may be gone from the store, but nothing else may be there. */
  readonly #last = new Map<string, { size: number; fill: number; expiresAtMs: number }>()
  readonly #value = new Uint8Array(LIMITS.maxValueBytes)

  constructor(seed: number) {
    this.#random = randomNumbers(seed)
  }

  step(n: number): void {
    const { clock, prefixes, store } = this.fixture
    const tenant = Math.floor(this.#random() * TENANTS)
    const prefix = prefixes.open(tenant === 0 ? undefined : `tenant_${tenant}`)
    const key = Buffer.from(`key:${Math.floor(this.#random() * 200)}`)
    clock.now += this.#random()
    const action = this.#random()
    if (action < 0.6) this.#put(prefix, key, n)
    else if (action < 0.95) this.#check(prefix, key)
    else if (store.delete(prefix, key)) this.#last.delete(`${prefix.text}/${key}`)
    if (n % 500 === 0) store.sweep(50)
    prefixes.unpin(prefix)
  }

  #put(prefix: Prefix, key: Uint8Array, n: number): void {
    const { clock, store } = this.fixture
    const size = randomSize(this.#random, Math.floor(n / 20_000))
    const value = this.#value.fill(n, 0, size).subarray(0, size)
    const expiresAtMs = this.#random() < 0.5 ? FOREVER : clock.now + 1 + this.#random() * 20_000
    assert.equal(store.put(prefix, key, value, expiresAtMs), true)
    this.#last.set(`${prefix.text}/${key}`, { size, fill: n & 255, expiresAtMs })
    const { entries, bytes } = store.statistics()
    assert.ok(entries <= LIMITS.maxEntries && bytes <= LIMITS.maxBytes, `${entries} entries, ${bytes} bytes`)
    assert.ok(this.#check(prefix, key), 'the newest put is readable')
  }

  #check(prefix: Prefix, key: Uint8Array): boolean {
    const { clock, store } = this.fixture
    const read = this.#reader.find(prefix.incarnation, key, (momentMs) => clock.now >= momentMs)
    const found = store.get(prefix, key)
    assert.ok(
      read === ASK || (read === FOUND) === (found !== undefined),
      'a reader sees what the store gives',
    )
    if (found === undefined) return false
    this.reads++
    if (read === ASK) this.asked++
    else assert.ok(found.every((byte, n) => byte === this.#reader.bytes[n]))
    const last = this.#last.get(`${prefix.text}/${key}`)
    assert.ok(last, 'a deleted or never written key was found')
    assert.ok(this.fixture.clock.now < Math.ceil(last.expiresAtMs), 'an expired value was found')
    assert.equal(found.length, last.size)
    assert.ok(found.every((byte) => byte === last.fill))
    return true
  }

  /** Counts what is there through the front door and compares with the books. */
  finish(): void {
    const { store, prefixes } = this.fixture
    // Values are up to a sixteenth of the store: more scattered than any other test makes its free space.
    assert.ok(this.asked < this.reads / 100, `${this.asked} of ${this.reads} reads asked`)
    while (store.sweep(1000) > 0 || store.hasExpired);
    let entries = 0
    let bytes = 0
    for (const [name, { size }] of this.#last) {
      const [text = '', key = ''] = name.split('/')
      const prefix = prefixes.open(text === 'undefined' ? undefined : text)
      if (this.#check(prefix, Buffer.from(key))) {
        entries++
        bytes += prefix.bytes + key.length + size + 64
      }
      store.delete(prefix, Buffer.from(key))
      prefixes.unpin(prefix)
    }
    const { entries: held, bytes: heldBytes, evictions, expirations } = store.statistics()
    assert.deepEqual([held, heldBytes, prefixes.size], [0, 0, 0])
    assert.ok(entries > 100 && bytes > LIMITS.maxBytes / 4 && evictions > 1000 && expirations > 1000)
  }
}

test('C13 the limits hold under churn of mixed sizes, and nothing else is ever read', () => {
  const seed = Number(process.env.CHURN_SEED ?? Math.floor(Math.random() * 2 ** 31))
  try {
    const churn = new Churn(seed)
    for (let n = 0; n < STEPS; n++) churn.step(n)
    churn.finish()
  } catch (cause) {
    throw new Error(`failed with CHURN_SEED=${seed}`, { cause })
  }
})
