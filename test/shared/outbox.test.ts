import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OUTCOME_HEADROOM_BYTES } from '../../src/limits.js'
import { Doorbell } from '../../src/shared/bells.js'
import { MessageReader } from '../../src/shared/messages.js'
import { OutboxWriter } from '../../src/shared/outbox.js'
import { createRingMemory, RingReader } from '../../src/shared/ring.js'
import { ByteWriter } from '../../src/shared/values.js'

/** As small as the limits allow, so that every history meets the ring's end and a full ring. */
const CAPACITY = 4 * OUTCOME_HEADROOM_BYTES
const OUTCOME = 17
const PUT = 2

class Outbox {
  readonly words = new Int32Array(new SharedArrayBuffer(64))
  readonly doorbell = new Doorbell(this.words)
  readonly reader: MessageReader
  readonly writer: OutboxWriter
  waits = 0
  /** What main reads whenever the worker waits. */
  onWait: () => void = () => this.readOne()
  readonly received: { operation: number; runId: number; callId: number; lengthBytes: number }[] = []

  constructor(start = 0) {
    const memory = createRingMemory(CAPACITY, start)
    this.reader = new MessageReader(new RingReader(memory))
    this.writer = new OutboxWriter(memory, this.doorbell, (isTrue) => {
      for (this.waits++; !isTrue(); ) this.onWait()
    })
  }

  readOne(): boolean {
    const found = this.reader.next()
    if (found) {
      const { operation, runId, callId } = this.reader.ring
      const { bytes, at, lengthBytes } = this.reader
      for (let i = 0; i < lengthBytes; i += 97) {
        assert.equal(bytes[at + i], (runId + i) & 0xff, `byte ${i} of ${lengthBytes}`)
      }
      this.received.push({ operation, runId, callId, lengthBytes })
    }
    this.reader.ring.release()
    return found
  }

  readAll(): void {
    while (this.readOne());
  }

  append(runId: number, lengthBytes: number): void {
    this.writer.append(PUT, runId, runId * 2, content(runId, lengthBytes), lengthBytes)
  }

  appendOutcome(runId: number, lengthBytes: number, end: () => boolean): boolean {
    const outcome = new ByteWriter()
    outcome.raw(content(runId, lengthBytes))
    return this.writer.appendOutcome(OUTCOME, runId, outcome, end)
  }
}

const SOURCE = Uint8Array.from({ length: 5 * CAPACITY + 256 }, (_, i) => i & 0xff)
const content = (runId: number, lengthBytes: number): Uint8Array =>
  SOURCE.subarray(runId & 0xff, (runId & 0xff) + lengthBytes)

const startArbitrary = fc.nat({ max: CAPACITY / 8 }).map((words) => 2 ** 32 - 8 - 8 * words)
const sizeArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 200 }) },
  { weight: 2, arbitrary: fc.integer({ min: 7_000, max: 17_000 }) },
  { weight: 1, arbitrary: fc.nat({ max: 3 * CAPACITY }) },
)
const runArbitrary = fc.record({
  messages: fc.array(sizeArbitrary, { maxLength: 40 }),
  outcomeBytes: sizeArbitrary,
})

test('the end of an outcome never waits, whatever was appended before', () => {
  fc.assert(
    fc.property(startArbitrary, fc.array(runArbitrary, { minLength: 1, maxLength: 8 }), (start, runs) => {
      const outbox = new Outbox(start)
      const expected: [number, number, number][] = []
      for (const [index, { messages, outcomeBytes }] of runs.entries()) {
        const runId = index + 1
        while (!outbox.writer.hasHeadroom()) outbox.readOne()
        for (const lengthBytes of messages) {
          outbox.append(runId, lengthBytes)
          expected.push([PUT, runId, lengthBytes])
        }
        let waitsAtEnd = -1
        const isDelivered = outbox.appendOutcome(runId, outcomeBytes, () => {
          waitsAtEnd = outbox.waits
          return true
        })
        assert.ok(isDelivered)
        assert.equal(outbox.waits, waitsAtEnd, 'nothing is waited for once the run has ended')
        expected.push([OUTCOME, runId, outcomeBytes])
      }
      outbox.readAll()
      assert.deepEqual(
        outbox.received.map(({ operation, runId, lengthBytes }) => [operation, runId, lengthBytes]),
        expected,
      )
    }),
    { numRuns: 300 },
  )
})

test('with headroom, an outcome of one record fits at every place of the ring', () => {
  for (let left = 8; left <= CAPACITY; left += 56) {
    const outbox = new Outbox(2 ** 32 - left)
    outbox.onWait = () => assert.fail('it waited')
    // Fills the ring down to the headroom with records that nobody reads.
    for (let part = 0; part < 3; part++) outbox.append(1, 9000)
    while (outbox.writer.hasHeadroom()) outbox.append(1, 0)
    assert.ok(outbox.appendOutcome(5000, OUTCOME_HEADROOM_BYTES / 2 - 64, () => true))
    outbox.readAll()
    assert.deepEqual(outbox.received.at(-1)?.lengthBytes, OUTCOME_HEADROOM_BYTES / 2 - 64)
  }
})

test('a run that was stopped before its end leaves no outcome, of any size', () => {
  for (const lengthBytes of [0, 100, OUTCOME_HEADROOM_BYTES, CAPACITY, 4 * CAPACITY]) {
    const outbox = new Outbox()
    outbox.append(1, 10)
    assert.equal(
      outbox.appendOutcome(1, lengthBytes, () => false),
      false,
    )
    outbox.readAll()
    assert.deepEqual(
      outbox.received.map(({ operation }) => operation),
      [PUT],
    )
  }
})

test('all but the end of an outcome goes out before the run is asked to end', () => {
  const outbox = new Outbox()
  const lengthBytes = 3 * CAPACITY
  let readBefore = 0
  outbox.onWait = () => {
    outbox.readOne()
    readBefore++
  }
  outbox.appendOutcome(1, lengthBytes, () => {
    assert.ok(readBefore >= 2, 'most of it had to be read to get here')
    assert.equal(outbox.received.length, 0, 'and it does not count yet')
    return true
  })
  outbox.readAll()
  assert.equal(outbox.received.length, 1)
})

test('main is rung for what is appended but an outcome, and for each part of a large message', () => {
  const outbox = new Outbox()
  let rings = 0
  const sleep = (): void => outbox.doorbell.prepareToSleep()
  const isRung = (): boolean => outbox.words[0] === 0
  sleep()
  outbox.append(1, 10)
  assert.ok(isRung())
  sleep()
  outbox.appendOutcome(1, 10, () => {
    assert.equal(isRung(), false)
    return true
  })
  assert.equal(isRung(), false, 'not before the next claim')
  outbox.doorbell.ringForOutcome()
  assert.ok(isRung())
  outbox.readAll()
  outbox.onWait = () => {
    if (isRung()) rings++
    sleep()
    outbox.readOne()
  }
  sleep()
  outbox.append(2, 5 * CAPACITY)
  assert.ok(rings >= 5)
})

test('without headroom the worker says that it waits for room', () => {
  const outbox = new Outbox()
  while (outbox.writer.hasHeadroom()) outbox.append(1, 0)
  assert.ok(outbox.reader.next())
  assert.equal(outbox.reader.ring.release(), true, 'main is told whom to ring')
  while (outbox.reader.next());
  assert.equal(outbox.reader.ring.release(), false, 'once')
  assert.ok(outbox.writer.hasHeadroom())
})
