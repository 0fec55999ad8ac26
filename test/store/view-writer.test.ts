import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HashedKey, hashSecret } from '../../src/shared/key-hash.js'
import { createViewMemory, openView, type View } from '../../src/shared/view-layout.js'
import { ASK, FOUND, MISSING, ViewReader } from '../../src/shared/view-reader.js'
import { arenaBufferBytes } from '../../src/store/arena.js'
import { ViewWriter } from '../../src/store/view-writer.js'
import { bytes, FOREVER, range, text } from './fixture.js'

interface Sizes {
  readonly maxEntries: number
  readonly stripes: number
  readonly arenaBytes: number
  readonly random?: Uint8Array
}

function createView({ maxEntries, stripes, arenaBytes, random = new Uint8Array(8) }: Sizes): View {
  const sizes = { maxEntries, stripes, maxKeyBytes: 64, arenaBytes: arenaBufferBytes(arenaBytes) }
  return openView(createViewMemory(sizes, hashSecret(random)))
}

const NEVER = (): boolean => assert.fail('the clock was read for an entry without an expiry')

/** What a writer should hold: the value by name, and the id under it. */
class Model {
  readonly values = new Map<string, { id: number; value: string }>()
  readonly free: number[]
  readonly view: View
  readonly writer: ViewWriter
  readonly reader: ViewReader
  asked = 0

  constructor(sizes: Sizes) {
    this.view = createView(sizes)
    this.writer = new ViewWriter(this.view)
    this.reader = new ViewReader(openView(this.view.memory))
    this.free = Array.from({ length: sizes.maxEntries }, (_, id) => id)
  }

  put(incarnation: number, key: string, value: string): void {
    const name = `${incarnation}/${key}`
    const known = this.values.get(name)
    const found = this.writer.find(incarnation, bytes(key))
    assert.equal(found, known?.id ?? -1)
    // As an eviction does it: a removal between the find and the insert.
    if (known === undefined && this.free.length === 0)
      this.remove([...this.values.keys()][0] ?? assert.fail())
    const id = known?.id ?? this.free.pop() ?? assert.fail()
    if (known === undefined) this.writer.insert(id, range(value), FOREVER)
    else this.writer.replace(id, range(value), FOREVER)
    this.values.set(name, { id, value })
  }

  remove(name: string): void {
    const { id } = this.values.get(name) ?? assert.fail()
    this.writer.remove(id)
    this.values.delete(name)
    this.free.push(id)
  }

  check(incarnation: number, key: string): void {
    const known = this.values.get(`${incarnation}/${key}`)
    const asked = this.writer.asked
    const found = this.reader.find(incarnation, bytes(key), NEVER)
    if (found === ASK) this.asked++
    else assert.equal(found, known === undefined ? MISSING : FOUND)
    assert.ok(found !== ASK || asked > 0)
    if (found === FOUND) assert.equal(text(this.reader.bytes.slice(0, this.reader.valueBytes)), known?.value)
    const id = this.writer.find(incarnation, bytes(key))
    assert.equal(id, known?.id ?? -1)
    if (known !== undefined) assert.equal(text(this.writer.value(id)), known.value)
  }

  finish(): void {
    for (const name of [...this.values.keys()]) this.remove(name)
    assert.equal(this.writer.asked, 0)
    const { slots, sequences, memory } = this.view
    for (let slot = 0; slot < memory.stripes * 64; slot++) assert.equal(slots[slot * 8], 0)
    for (let stripe = 0; stripe < memory.stripes; stripe++) {
      assert.deepEqual([sequences.overflow(stripe), sequences.read(stripe) & 1], [0, 0])
    }
  }
}

const stepArbitrary = fc.record({
  incarnation: fc.constantFrom(1, 2, 0xffff_ffff),
  key: fc.nat({ max: 60 }),
  size: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 900 })),
  remove: fc.boolean(),
})

function follow(
  sizes: Sizes,
  steps: readonly (typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never)[],
): number {
  const model = new Model(sizes)
  for (const [n, { incarnation, key, size, remove }] of steps.entries()) {
    const keyText = `k${key}`.padEnd(key, '.')
    if (remove && model.values.has(`${incarnation}/${keyText}`)) model.remove(`${incarnation}/${keyText}`)
    else model.put(incarnation, keyText, `${n}`.padEnd(size, 'v'))
    for (const name of model.values.keys()) {
      const [held = '', heldKey = ''] = name.split('/')
      model.check(Number(held), heldKey)
    }
    model.check(incarnation, keyText)
    model.check(3, keyText)
    model.check(incarnation, `${keyText}x`)
  }
  model.finish()
  return model.asked
}

test('readers and main find what a Map finds, with room for everything', () => {
  fc.assert(
    fc.property(
      fc.array(stepArbitrary, { maxLength: 60 }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      (steps, random) => {
        assert.equal(follow({ maxEntries: 12, stripes: 1, arenaBytes: 100_000, random }, steps), 0)
      },
    ),
    { numRuns: 200 },
  )
})

test('readers and main find what a Map finds, with an arena far too small', () => {
  let asked = 0
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 60 }), (steps) => {
      asked += follow({ maxEntries: 12, stripes: 1, arenaBytes: 1500 }, steps)
    }),
    { numRuns: 200 },
  )
  assert.ok(asked > 0)
})

for (const stripes of [1, 2, 3]) {
  test(`more entries than slots: ${stripes * 64} slots, 250 entries`, () => {
    const model = new Model({ maxEntries: 250, stripes, arenaBytes: 20_000 })
    for (let n = 0; n < 2000; n++) {
      const key = `key ${(n * 7919) % 331}`
      if (n % 3 === 0 && model.values.has(`1/${key}`)) model.remove(`1/${key}`)
      else model.put(1, key, `${n}`)
      model.check(1, key)
      if (n % 97 === 0) for (let k = 0; k < 331; k++) model.check(1, `key ${k}`)
    }
    assert.ok(model.asked > 0)
    model.finish()
  })
}

/** Two keys of one length that hash the same under `createView`'s secret. */
function collidingKeys(): [string, string] {
  const hashed = new HashedKey(hashSecret(new Uint8Array(8)), 64)
  const seen = new Map<number, string>()
  for (let n = 1_000_000; n < 2_000_000; n++) {
    const key = `key ${n}`
    hashed.setBytes(1, bytes(key))
    const other = seen.get(hashed.hash)
    if (other !== undefined) return [other, key]
    seen.set(hashed.hash, key)
  }
  return assert.fail('a million keys, and no two hash the same')
}

test('keys that hash the same are told apart, in the arena and as strays', () => {
  const [one, other] = collidingKeys()
  const model = new Model({ maxEntries: 4, stripes: 1, arenaBytes: 1024 })
  for (const size of [10, 5000]) {
    model.put(1, one, '1'.repeat(size))
    model.check(1, other)
    model.put(1, other, '2'.repeat(size))
    for (const key of [one, other]) model.check(1, key)
    model.remove(`1/${one}`)
    for (const key of [one, other]) model.check(1, key)
    model.remove(`1/${other}`)
  }
  assert.ok(model.asked > 0)
})

test('a stray moves into the arena once it is asked for and there is room', () => {
  const model = new Model({ maxEntries: 4, stripes: 1, arenaBytes: 1024 })
  model.put(1, 'big', 'b'.repeat(900))
  model.put(1, 'stray', 's'.repeat(500))
  assert.equal(model.reader.find(1, bytes('stray'), NEVER), ASK)
  model.remove('1/big')
  assert.equal(model.writer.asked, 1)
  assert.equal(text(model.writer.value(model.writer.find(1, bytes('stray')))), 's'.repeat(500))
  assert.equal(model.writer.asked, 0)
  assert.equal(model.reader.find(1, bytes('stray'), NEVER), FOUND)
})

test('an overwrite that fits only in the room of the old value is not left a stray', () => {
  const model = new Model({ maxEntries: 4, stripes: 1, arenaBytes: 1024 })
  model.put(1, 'k', 'a'.repeat(900))
  model.put(1, 'k', 'b'.repeat(901))
  assert.equal(model.writer.asked, 0)
  model.check(1, 'k')
  model.put(1, 'k', 'c'.repeat(2000))
  assert.equal(model.writer.asked, 1)
  model.put(1, 'k', 'd'.repeat(10))
  assert.equal(model.writer.asked, 0)
  model.check(1, 'k')
})

test('sequence numbers wrap', () => {
  const view = createView({ maxEntries: 4, stripes: 1, arenaBytes: 4096 })
  new Uint32Array(view.memory.buffer)[0] = 0xffff_fff0
  const writer = new ViewWriter(view)
  const reader = new ViewReader(view)
  assert.equal(writer.find(1, bytes('k')), -1)
  writer.insert(0, range('0'), FOREVER)
  for (let n = 1; n < 20; n++) {
    assert.equal(writer.find(1, bytes('k')), 0)
    writer.replace(0, range(`${n}`), FOREVER)
    assert.equal(reader.find(1, bytes('k'), NEVER), FOUND)
    assert.equal(text(reader.bytes.slice(0, reader.valueBytes)), `${n}`)
  }
  assert.equal(new Uint32Array(view.memory.buffer)[0], 0xffff_fff0 + 40 - 2 ** 32)
})

test('a defect of the caller is said', () => {
  const { writer } = new Model({ maxEntries: 4, stripes: 1, arenaBytes: 4096 })
  assert.throws(() => writer.remove(3), /no bytes of entry 3/)
})
