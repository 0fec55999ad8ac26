import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bell, Doorbell } from '../../src/shared/bells.js'
import { workerWord } from '../../src/shared/layout.js'
import { ReplyReader, ReplyWriter } from '../../src/shared/replies.js'
import { createRingMemory, resetRing } from '../../src/shared/ring.js'

const CAPACITY = 1024
const DOORBELL_WORD = 0

/** Both ends in one thread: while the worker would sleep, `onWait` does what main does. */
class Replies {
  readonly words = new Int32Array(new SharedArrayBuffer(4 * workerWord(1, 0)))
  readonly memory: SharedArrayBuffer
  readonly bell = new Bell(this.words, 0)
  readonly doorbell = new Doorbell(this.words)
  readonly writer: ReplyWriter
  readonly reader: ReplyReader
  onWait: () => void = () => this.writer.flush()
  waits = 0

  constructor(start = 0) {
    this.memory = createRingMemory(CAPACITY, start)
    this.writer = new ReplyWriter(this.memory, this.bell)
    this.reader = this.createReader()
  }

  createReader(): ReplyReader {
    return new ReplyReader(this.memory, this.doorbell, (isTrue) => {
      for (let wait = 0; !isTrue(); wait++) {
        if (wait > 1000) assert.fail('it would sleep for ever')
        this.waits++
        this.onWait()
      }
    })
  }

  send(callId: number, lengthBytes: number): void {
    this.writer.send(callId, content(callId, lengthBytes))
  }

  assertAnswer(callId: number, lengthBytes: number): void {
    assert.equal(this.reader.waitFor(callId), true)
    const { bytes, at, lengthBytes: length } = this.reader.message
    assert.equal(length, lengthBytes)
    assert.ok(Buffer.from(content(callId, lengthBytes)).equals(bytes.subarray(at, at + length)))
    this.reader.done()
  }
}

const content = (callId: number, lengthBytes: number): Uint8Array =>
  Uint8Array.from({ length: lengthBytes }, (_, i) => (callId * 17 + i) & 0xff)

test('answers of any size come in order, through backlog and across the ring end', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 256 }).map((words) => 2 ** 32 - 8 - 8 * words),
      fc.array(fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 5 * CAPACITY }), fc.constant(-1)), {
        maxLength: 20,
      }),
      fc.nat({ max: 20 }),
      (start, sizes, ahead) => {
        const replies = new Replies(start)
        const send = (callId: number): void => {
          const size = sizes[callId]
          if (size === undefined) return
          if (size < 0) replies.writer.sendNothing(callId)
          else replies.send(callId, size)
        }
        for (let callId = 0; callId < ahead; callId++) send(callId)
        for (const [callId, size] of sizes.entries()) {
          if (callId >= ahead) send(callId)
          if (size >= 0) replies.assertAnswer(callId, size)
          else assert.equal(replies.reader.waitFor(callId), false)
        }
        assert.equal(replies.writer.hasBacklog, false)
      },
    ),
    { numRuns: 300 },
  )
})

test('an answer is kept as it was when it was sent', () => {
  const replies = new Replies()
  const bytes = new Uint8Array(3000).fill(1)
  replies.writer.send(1, bytes)
  assert.ok(replies.writer.hasBacklog)
  bytes.fill(2)
  assert.ok(replies.reader.waitFor(1))
  const { message } = replies.reader
  assert.ok(message.bytes.subarray(message.at, message.at + message.lengthBytes).every((byte) => byte === 1))
})

test('an answer to another call is skipped, large or small', () => {
  const replies = new Replies()
  replies.send(1, 10)
  replies.send(2, 3000)
  replies.writer.sendNothing(3)
  replies.send(4, 20)
  replies.assertAnswer(4, 20)
  replies.send(0xffff_ffff, 5)
  replies.send(0, 6)
  replies.assertAnswer(0, 6)
})

test('an empty value is not nothing', () => {
  const replies = new Replies()
  replies.send(1, 0)
  replies.writer.sendNothing(2)
  assert.equal(replies.reader.waitFor(1), true)
  assert.equal(replies.reader.message.lengthBytes, 0)
  assert.equal(replies.reader.waitFor(2), false)
})

test('answers that are never given back explicitly do not stop the ring', () => {
  const replies = new Replies()
  for (let callId = 0; callId < 500; callId++) {
    replies.writer.sendNothing(callId)
    assert.equal(replies.reader.waitFor(callId), false)
  }
})

test('main is rung when it has room for its backlog, and rings the worker for what it sends', () => {
  const replies = new Replies()
  const isRung = (): boolean => replies.words[DOORBELL_WORD] === 0
  let wakes = 0
  replies.send(1, 4000)
  replies.doorbell.prepareToSleep()
  replies.onWait = () => {
    assert.ok(isRung(), 'what the worker read was told')
    replies.doorbell.prepareToSleep()
    const seen = replies.bell.prepareToSleep()
    replies.writer.flush()
    assert.equal(replies.bell.sleep(seen, 0), true, 'what main sent was told')
    wakes++
  }
  replies.assertAnswer(1, 4000)
  assert.ok(wakes >= 3)
})

test('flush rings nobody when nothing could be sent', () => {
  const replies = new Replies()
  replies.send(1, 4000)
  const seen = replies.bell.prepareToSleep()
  replies.writer.flush()
  assert.equal(replies.bell.sleep(seen, 0), false)
})

test('a worker that died leaves nothing to the next one', () => {
  const replies = new Replies()
  replies.send(1, 5000)
  assert.ok(replies.writer.hasBacklog)
  resetRing(replies.memory)
  const writer = new ReplyWriter(replies.memory, replies.bell)
  const reader = replies.createReader()
  assert.equal(writer.hasBacklog, false)
  writer.send(1, content(1, 300))
  assert.ok(reader.waitFor(1))
  assert.equal(reader.message.lengthBytes, 300)
})
