// Actors for room-orders.test.ts: a full outbox or replies ring, who waits for room in it, and who makes it.

import { Bell, Doorbell } from '../../../src/shared/bells.js'
import { workerWord } from '../../../src/shared/layout.js'
import { MessageReader } from '../../../src/shared/messages.js'
import { OutboxWriter } from '../../../src/shared/outbox.js'
import { ReplyReader, ReplyWriter } from '../../../src/shared/replies.js'
import { createRingMemory, RingReader, RingWriter } from '../../../src/shared/ring.js'
import type { Actor } from '../../support/lockstep-words.js'

export interface RoomMemory {
  readonly control: SharedArrayBuffer
  readonly outbox: SharedArrayBuffer
  readonly replies: SharedArrayBuffer
}

const OUTBOX_BYTES = 65_536
const REPLIES_BYTES = 256
const FILLER = new Uint8Array(4096)
const PUT = 2
/** So large that it needs the ring more than twice. */
export const REPLY_BYTES = 300

export const reply = (): Uint8Array => Uint8Array.from({ length: REPLY_BYTES }, (_, i) => i & 0xff)

/** The outbox holds records down to its last byte that is not reserved. */
export function createRoomMemory(): RoomMemory & Record<string, SharedArrayBuffer> {
  const control = new SharedArrayBuffer(4 * workerWord(1, 0))
  const outbox = createRingMemory(OUTBOX_BYTES)
  const ring = new RingWriter(outbox)
  for (const bytes of [4096, 0]) {
    while (ring.fits(bytes, OUTBOX_BYTES / 4)) ring.append(PUT, 3, 1, 0, bytes, FILLER, 0, bytes)
  }
  return { control, outbox, replies: createRingMemory(REPLIES_BYTES) }
}

function open({ control }: RoomMemory) {
  const words = new Int32Array(control)
  const bell = new Bell(words, 0)
  const doorbell = new Doorbell(words)
  /** As MainLink does, without its spinning. */
  const waitUntil = (isTrue: () => boolean): void => {
    for (;;) {
      const seen = bell.prepareToSleep()
      if (isTrue()) {
        bell.stayAwake()
        return
      }
      bell.sleep(seen, Number.POSITIVE_INFINITY)
    }
  }
  return { bell, doorbell, waitUntil }
}

const appends: Actor<RoomMemory> = (memory, log) => {
  const { doorbell, waitUntil } = open(memory)
  const outbox = new OutboxWriter(memory.outbox, doorbell, waitUntil)
  return () => {
    outbox.append(PUT, 9, 0, FILLER, 100)
    log(1)
  }
}

/** A worker between two runs: it claims only while an outcome is sure to fit. */
const waitsForHeadroom: Actor<RoomMemory> = (memory, log) => {
  const { doorbell, waitUntil } = open(memory)
  const outbox = new OutboxWriter(memory.outbox, doorbell, waitUntil)
  return () => {
    waitUntil(() => outbox.hasHeadroom())
    log(1)
  }
}

/** Main: reads in small batches, as Drain does, and sleeps when nothing is left; ends with the record of run 9. */
const drains: Actor<RoomMemory> = (memory, log) => {
  const { bell, doorbell } = open(memory)
  const reader = new MessageReader(new RingReader(memory.outbox))
  const takeBatch = (): boolean => {
    for (let taken = 0; taken < 30 && reader.next(); taken++) {
      if (reader.ring.runId !== 9) continue
      log(9)
      return true
    }
    if (reader.ring.release()) bell.ring()
    return false
  }
  return () => {
    while (!takeBatch()) {
      if (reader.ring.hasNext()) continue
      doorbell.prepareToSleep()
      if (reader.ring.hasNext()) doorbell.stayAwake()
      else doorbell.wait().catch(() => {})
    }
  }
}

/** Main, for a worker that appends nothing: it makes room once and goes on. */
const drainsOnce: Actor<RoomMemory> = (memory) => {
  const { bell } = open(memory)
  const reader = new MessageReader(new RingReader(memory.outbox))
  return () => {
    for (let batch = 0; batch < 2; batch++) {
      for (let taken = 0; taken < 2; taken++) reader.next()
      if (reader.ring.release()) bell.ring()
    }
  }
}

/** Main: answers call 1 with more than the ring holds, and sleeps while its backlog has no room. */
const answers: Actor<RoomMemory> = (memory) => {
  const { bell, doorbell } = open(memory)
  const writer = new ReplyWriter(memory.replies, bell)
  return () => {
    writer.send(1, reply())
    while (writer.hasBacklog) {
      doorbell.prepareToSleep()
      writer.flush()
      if (writer.hasBacklog) doorbell.wait().catch(() => {})
      else doorbell.stayAwake()
    }
  }
}

/** A worker that asked: logs the length and the last byte of its answer. */
const asks: Actor<RoomMemory> = (memory, log) => {
  const { doorbell, waitUntil } = open(memory)
  const replies = new ReplyReader(memory.replies, doorbell, waitUntil)
  return () => {
    replies.waitFor(1)
    const { bytes, at, lengthBytes } = replies.message
    log(lengthBytes)
    log(bytes[at + lengthBytes - 1] ?? -1)
    replies.done()
  }
}

export const actors: Record<string, Actor<RoomMemory>> = {
  appends,
  waitsForHeadroom,
  drains,
  drainsOnce,
  answers,
  asks,
}
