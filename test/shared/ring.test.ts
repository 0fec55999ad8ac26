// A ring as one thread sees it: both sides against a queue of records, stepping in any order.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RING_RECORD_PART } from '../../src/limits.js'
import { createRingMemory, RingReader, RingWriter, resetRing } from '../../src/shared/ring.js'

const CAPACITY = 512
const HEADER_BYTES = 24

function createRing(capacityBytes = CAPACITY, start = 0) {
  const memory = createRingMemory(capacityBytes, start)
  return { memory, writer: new RingWriter(memory), reader: new RingReader(memory) }
}

/** Bytes that differ from record to record and from place to place. */
const payload = (id: number, sizeBytes: number): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => (id * 31 + i * 7 + 1) & 0xff)

function append(writer: RingWriter, id: number, sizeBytes: number): void {
  writer.append(
    (id % 255) + 1,
    id & 0xff,
    id,
    ~id >>> 0,
    sizeBytes + id,
    payload(id, sizeBytes),
    0,
    sizeBytes,
  )
}

function assertRecord(reader: RingReader, id: number, sizeBytes: number): void {
  const { operation, flags, runId, callId, totalBytes, payloadBytes, payloadAt, data } = reader
  assert.deepEqual(
    [operation, flags, runId, callId, totalBytes, payloadBytes],
    [(id % 255) + 1, id & 0xff, id, ~id >>> 0, sizeBytes + id, sizeBytes],
  )
  assert.equal(payloadAt % 8, 0, 'records lie at multiples of 8')
  assert.ok(payloadAt + payloadBytes <= data.length, 'a record never crosses the end')
  assert.deepEqual(
    Uint8Array.from(data.subarray(payloadAt, payloadAt + payloadBytes)),
    payload(id, sizeBytes),
  )
}

const occupied = (sizeBytes: number): number => Math.ceil((HEADER_BYTES + sizeBytes) / 8) * 8

/** What the ring should do: records in order, room given back by `release` only. */
class Model {
  /** Unread, then read and not yet given back. */
  readonly unread: { id: number; sizeBytes: number; endsAt: number }[] = []
  #written = 0
  #read = 0
  #released = 0
  readonly #start: number

  constructor(start: number) {
    this.#start = start
  }

  /** Bytes that a record would take now, with what it would leave unused before the ring's end. */
  span(sizeBytes: number): number {
    const left = CAPACITY - ((this.#start + this.#written) % CAPACITY)
    const size = occupied(sizeBytes)
    return left < size ? left + size : size
  }

  get freeBytes(): number {
    return CAPACITY - (this.#written - this.#released)
  }

  push(id: number, sizeBytes: number): void {
    this.#written += this.span(sizeBytes)
    this.unread.push({ id, sizeBytes, endsAt: this.#written })
  }

  next() {
    const record = this.unread.shift()
    if (record) this.#read = record.endsAt
    return record
  }

  release(): boolean {
    const gave = this.#released !== this.#read
    this.#released = this.#read
    return gave
  }
}

const stepArbitrary = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      sizeBytes: fc.nat({ max: CAPACITY / RING_RECORD_PART - HEADER_BYTES }),
      reserveBytes: fc.constantFrom(0, 0, 0, 64, 200),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('want' as const) }) },
)
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never

function follow(start: number, steps: readonly Step[]): void {
  const { writer, reader } = createRing(CAPACITY, start)
  const model = new Model(start)
  let isWanted = false
  for (const [index, step] of steps.entries()) {
    const id = index + 1
    assert.equal(reader.hasNext(), model.unread.length > 0)
    if (step.kind === 'write') {
      const fits = model.freeBytes >= model.span(step.sizeBytes) + step.reserveBytes
      assert.equal(writer.fits(step.sizeBytes, step.reserveBytes), fits)
      if (!fits) continue
      model.push(id, step.sizeBytes)
      append(writer, id, step.sizeBytes)
    } else if (step.kind === 'read') {
      const record = model.next()
      assert.equal(reader.next(), record !== undefined)
      if (record) assertRecord(reader, record.id, record.sizeBytes)
    } else if (step.kind === 'release') {
      const gave = model.release()
      assert.equal(reader.release(), gave && isWanted, 'who waits for room is named once')
      if (gave) isWanted = false
    } else {
      writer.wantRoom()
      isWanted = true
    }
  }
}

for (const [name, startArbitrary] of [
  ['from 0', fc.constant(0)],
  ['across 2^31', fc.nat({ max: 200 }).map((words) => 2 ** 31 - 8 * words)],
  ['across 2^32', fc.nat({ max: 200 }).map((words) => 2 ** 32 - 8 - 8 * words)],
] as const) {
  test(`any order of steps goes as in the model, byte counts ${name}`, () => {
    fc.assert(fc.property(startArbitrary, fc.array(stepArbitrary, { maxLength: 120 }), follow), {
      numRuns: 400,
    })
  })
}

test('a ring holds records to its last byte and not one more', () => {
  const { writer, reader } = createRing()
  const largest = writer.maxPayloadBytes
  assert.equal(largest, CAPACITY / RING_RECORD_PART - HEADER_BYTES)
  for (let id = 1; id <= RING_RECORD_PART; id++) {
    assert.ok(writer.fits(largest, 0))
    assert.equal(writer.fits(largest, CAPACITY), false)
    append(writer, id, largest)
  }
  assert.equal(writer.fits(0, 0), false)
  assert.equal(writer.hasBeenRead(writer.position), false)
  for (let id = 1; id <= RING_RECORD_PART; id++) {
    assert.ok(reader.next())
    assertRecord(reader, id, largest)
    assert.equal(writer.fits(0, 0), false, 'read is not given back')
  }
  assert.equal(reader.next(), false)
  assert.equal(reader.release(), false)
  assert.equal(writer.hasBeenRead(writer.position), false, 'it looks only when it is told to')
  writer.look()
  assert.ok(writer.hasBeenRead(writer.position))
  assert.ok(writer.fits(largest, CAPACITY - CAPACITY / RING_RECORD_PART))
})

test('what is left before the end is a pad, down to 8 bytes', () => {
  for (let left = 8; left < CAPACITY / RING_RECORD_PART; left += 8) {
    const { writer, reader } = createRing(CAPACITY, CAPACITY - left)
    const largest = writer.maxPayloadBytes
    assert.equal(writer.fits(largest, CAPACITY - left - occupied(largest)), true)
    assert.equal(writer.fits(largest, CAPACITY - left - occupied(largest) + 1), false, 'the pad counts')
    append(writer, 1, largest)
    assert.ok(reader.next())
    assertRecord(reader, 1, largest)
    assert.equal(reader.payloadAt, HEADER_BYTES, 'it lies at the beginning')
    reader.release()
    writer.look()
    assert.ok(writer.hasBeenRead(writer.position))
  }
})

test('a record that ends exactly at the end leaves no pad', () => {
  const { writer, reader } = createRing(CAPACITY, 2 ** 32 - 64)
  append(writer, 1, 40)
  append(writer, 2, 0)
  assert.ok(reader.next())
  assert.equal(reader.payloadAt, CAPACITY - 40)
  assert.ok(reader.next())
  assert.equal(reader.payloadAt, HEADER_BYTES)
  reader.release()
  assert.equal(writer.position, 2 ** 32 + 24)
})

test('a writer that dies before its last store leaves nothing', () => {
  const { memory, writer, reader } = createRing()
  append(writer, 1, 10)
  const words = new Int32Array(memory)
  const tail = Atomics.load(words, 0)
  append(writer, 2, 10)
  Atomics.store(words, 0, tail)
  assert.ok(reader.next())
  assertRecord(reader, 1, 10)
  assert.equal(reader.hasNext(), false)
  assert.equal(reader.next(), false)
})

test('a reset ring is empty for new ends, whatever lay in it', () => {
  const { memory, writer, reader } = createRing()
  append(writer, 1, 100)
  writer.wantRoom()
  reader.next()
  resetRing(memory)
  const [newWriter, newReader] = [new RingWriter(memory), new RingReader(memory)]
  assert.equal(newReader.hasNext(), false)
  assert.ok(newWriter.fits(newWriter.maxPayloadBytes, CAPACITY / 2))
  append(newWriter, 7, 3)
  assert.ok(newReader.next())
  assertRecord(newReader, 7, 3)
  assert.equal(newReader.release(), false, 'nobody waits for room any more')
})

test('a source is copied from where the caller says, whichever way it is copied', () => {
  const { writer, reader } = createRing()
  const source = payload(3, 300)
  for (const sizeBytes of [1, 48, 49, 100]) {
    writer.append(1, 0, 0, 0, sizeBytes, source, 150, sizeBytes)
    assert.ok(reader.next())
    const { data, payloadAt } = reader
    assert.deepEqual(
      Uint8Array.from(data.subarray(payloadAt, payloadAt + sizeBytes)),
      source.slice(150, 150 + sizeBytes),
    )
    reader.release()
  }
})
