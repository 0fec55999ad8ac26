import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MessageReader, type OutgoingMessage, SENT, sendChunks } from '../../src/shared/messages.js'
import { createRingMemory, FLAG_EMPTY, RingReader, RingWriter, resetRing } from '../../src/shared/ring.js'

const CAPACITY = 1024

function createEnds(start = 0) {
  const memory = createRingMemory(CAPACITY, start)
  return { memory, writer: new RingWriter(memory), reader: new MessageReader(new RingReader(memory)) }
}

const content = (id: number, lengthBytes: number): Uint8Array =>
  Uint8Array.from({ length: lengthBytes }, (_, i) => (id * 13 + i) & 0xff)

/** A message whose bytes lie in a larger buffer, as an encoder's do. */
function createMessage(id: number, lengthBytes: number, flags = 0): OutgoingMessage {
  const bytes = new Uint8Array(lengthBytes + 32).fill(0xee)
  bytes.set(content(id, lengthBytes))
  return { operation: (id % 200) + 1, flags, runId: id, callId: id + 1, bytes, lengthBytes }
}

function assertMessage(reader: MessageReader, id: number, lengthBytes: number): void {
  const { bytes, at, ring } = reader
  assert.deepEqual(
    [ring.operation, ring.runId, ring.callId, ring.totalBytes, reader.lengthBytes],
    [(id % 200) + 1, id, id + 1, lengthBytes, lengthBytes],
  )
  assert.ok(Buffer.from(content(id, lengthBytes)).equals(bytes.subarray(at, at + lengthBytes)))
}

/** Sends and reads in turns until the message is out; returns how many turns it took. */
function passThrough(writer: RingWriter, reader: MessageReader, id: number, lengthBytes: number): number {
  const message = createMessage(id, lengthBytes)
  let sent = 0
  for (let turn = 1; ; turn++) {
    sent = sendChunks(writer, message, sent, 0)
    assert.equal(reader.next(), sent === SENT, 'a message counts from its last chunk on')
    if (sent !== SENT) {
      reader.ring.release()
      continue
    }
    assertMessage(reader, id, lengthBytes)
    reader.ring.release()
    return turn
  }
}

test('messages of every size around the record and ring sizes arrive whole', () => {
  const { writer, reader } = createEnds(2 ** 32 - 2048)
  const largest = writer.maxPayloadBytes
  const sizes = [
    0,
    1,
    7,
    8,
    largest - 1,
    largest,
    largest + 1,
    2 * largest,
    2 * largest + 1,
    CAPACITY,
    5 * CAPACITY,
  ]
  for (const [id, size] of sizes.entries()) {
    const turns = passThrough(writer, reader, id, size)
    if (size <= largest) assert.equal(turns, 1)
    if (size >= CAPACITY) assert.ok(turns > 1)
  }
})

test('any sequence of messages arrives in order, begun anywhere', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 300 }).map((words) => 2 ** 32 - 8 - 8 * words),
      fc.array(fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 4 * CAPACITY })), { maxLength: 20 }),
      (start, sizes) => {
        const { writer, reader } = createEnds(start)
        for (const [id, size] of sizes.entries()) passThrough(writer, reader, id, size)
      },
    ),
    { numRuns: 300 },
  )
})

test('every record leaves the reserve free, and only what was asked for goes out', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 127 }).map((words) => 8 * words),
      fc.nat({ max: 2000 }),
      fc.nat({ max: 2000 }),
      fc.nat({ max: CAPACITY / 2 }),
      (start, lengthBytes, upTo, reserveBytes) => {
        const { memory, writer, reader } = createEnds(start)
        const message = createMessage(1, lengthBytes)
        const upToBytes = Math.min(upTo, Math.max(0, lengthBytes - 1))
        if (upToBytes === 0) return
        let sent = 0
        while (sent < upToBytes) {
          const before = sent
          sent = sendChunks(writer, message, sent, reserveBytes, upToBytes)
          const words = new Int32Array(memory)
          const used = ((words[0] as number) - (words[16] as number)) >>> 0
          if (sent !== before) assert.ok(CAPACITY - used >= reserveBytes)
          assert.equal(reader.next(), false)
          reader.ring.release()
        }
        assert.equal(sent, upToBytes)
        while (sent !== SENT) {
          sent = sendChunks(writer, message, sent, 0)
          assert.equal(reader.next(), sent === SENT)
          if (sent !== SENT) reader.ring.release()
        }
        assertMessage(reader, 1, lengthBytes)
      },
    ),
    { numRuns: 500 },
  )
})

test('a message in one record is seen in place, one in chunks outlives the ring', () => {
  const { writer, reader } = createEnds()
  sendChunks(writer, createMessage(1, 100), 0, 0)
  assert.ok(reader.next())
  assert.equal(reader.bytes, reader.ring.data)
  reader.ring.release()
  sendChunks(writer, createMessage(2, 600), 0, 0)
  assert.ok(reader.next())
  reader.ring.release()
  sendChunks(writer, createMessage(3, 600), 0, 0)
  assertMessage(reader, 2, 600)
})

test('several messages behind each other are found one by one', () => {
  const { writer, reader } = createEnds()
  for (let id = 1; id <= 5; id++) assert.equal(sendChunks(writer, createMessage(id, id * 10), 0, 0), SENT)
  for (let id = 1; id <= 5; id++) {
    assert.ok(reader.next())
    assertMessage(reader, id, id * 10)
  }
  assert.equal(reader.next(), false)
})

test('flags of the user come with the last chunk too', () => {
  const { writer, reader } = createEnds()
  assert.equal(sendChunks(writer, createMessage(1, 600, FLAG_EMPTY), 0, 0), SENT)
  assert.ok(reader.next())
  assert.equal(reader.ring.flags & FLAG_EMPTY, FLAG_EMPTY)
  reader.ring.release()
  assert.equal(sendChunks(writer, createMessage(2, 600), 0, 0), SENT)
  assert.ok(reader.next())
  assert.equal(reader.ring.flags & FLAG_EMPTY, 0)
})

test('what a writer that died in the middle has sent is dropped; the next writer begins clean', () => {
  fc.assert(
    fc.property(fc.integer({ min: 500, max: 3000 }), fc.nat({ max: 3 }), (lengthBytes, turns) => {
      const { memory, writer, reader } = createEnds()
      assert.equal(sendChunks(writer, createMessage(1, 20), 0, 0), SENT)
      let sent = 0
      for (let turn = 0; turn <= turns && sent >= 0 && sent < lengthBytes - 1; turn++) {
        if (turn > 0) reader.ring.release()
        sent = sendChunks(writer, createMessage(2, lengthBytes), sent, 0, lengthBytes - 1)
        const isFirst = turn === 0
        assert.equal(reader.next(), isFirst, 'the whole message before it counts')
        if (!isFirst) continue
        assertMessage(reader, 1, 20)
        assert.equal(reader.next(), false)
      }
      resetRing(memory)
      const next = { writer: new RingWriter(memory), reader: new MessageReader(new RingReader(memory)) }
      passThrough(next.writer, next.reader, 3, lengthBytes)
      passThrough(next.writer, next.reader, 4, 5)
    }),
    { numRuns: 200 },
  )
})

test('a new message in chunks replaces one that was never finished', () => {
  const { writer, reader } = createEnds()
  sendChunks(writer, createMessage(1, 700), 0, 0, 500)
  assert.equal(reader.next(), false)
  reader.ring.release()
  passThrough(writer, reader, 2, 10)
  passThrough(writer, reader, 3, 900)
})
