// A worker's outbox and overlay with both ends in one thread: `applyAll` and `applyOne` are what main would do.

import assert from 'node:assert/strict'
import { OUTCOME_HEADROOM_BYTES } from '../../src/limits.js'
import { Doorbell } from '../../src/shared/bells.js'
import { HashedKey } from '../../src/shared/key-hash.js'
import { MessageReader } from '../../src/shared/messages.js'
import { OutboxWriter } from '../../src/shared/outbox.js'
import { beginPut } from '../../src/shared/put-record.js'
import { createRingMemory, RingReader } from '../../src/shared/ring.js'
import { ByteWriter } from '../../src/shared/values.js'
import { Overlay, WRITTEN } from '../../workers/overlay.js'
import { OwnWrites } from '../../workers/own-writes.js'
import type { ViewFinder } from '../../workers/view-finder.js'

/** As small as the limits allow, so that a test comes round the ring soon. */
export const CAPACITY: number = 4 * OUTCOME_HEADROOM_BYTES
export const MAX_RECORD: number = CAPACITY / 4 - 24
const PUT = 2
const DELETE = 3
export const NEVER: number = Number.POSITIVE_INFINITY
const SECRET = { k0: 17, k1: 4711 }

export class Worker {
  readonly overlay: Overlay
  readonly reader: MessageReader
  readonly writer: OutboxWriter
  readonly key: HashedKey = new HashedKey(SECRET, 4096)
  nowMs = 0
  readonly #record = new ByteWriter(64)

  constructor({
    start = 0,
    slots,
    finder,
  }: {
    start?: number
    slots?: number
    finder?: ViewFinder | undefined
  } = {}) {
    const memory = createRingMemory(CAPACITY, start)
    this.reader = new MessageReader(new RingReader(memory))
    const doorbell = new Doorbell(new Int32Array(new SharedArrayBuffer(64)))
    this.writer = new OutboxWriter(memory, doorbell, (isTrue) => {
      // A chunk that is no message yet makes room, too.
      for (let inVain = 0; !isTrue(); ) {
        inVain = this.applyOne() ? 0 : inVain + 1
        assert.ok(inVain < 10, 'it waits for room in an empty ring')
      }
    })
    this.overlay = new Overlay(this.writer, new OwnWrites(this.writer, finder), slots)
  }

  put(key: string, value: string, expiresAtMs = NEVER, incarnation = 1): void {
    this.putSized(key, value, 0, expiresAtMs, incarnation)
  }

  /** The value, and behind it bytes that make the record larger. */
  putSized(key: string, value: string, moreBytes: number, expiresAtMs: number, incarnation = 1): void {
    const bytes = Buffer.from(key)
    this.key.setBytes(incarnation, bytes)
    beginPut(this.#record, expiresAtMs, this.key)
    this.#record.u8(value.length)
    this.#record.raw(Buffer.from(value))
    this.#record.raw(new Uint8Array(moreBytes))
    const at = this.writer.append(PUT, 1, 0, this.#record.bytes, this.#record.length)
    this.overlay.notePut(this.key, at)
  }

  delete(key: string, incarnation = 1): void {
    const bytes = Buffer.from(key)
    this.key.setBytes(incarnation, bytes)
    this.overlay.noteDelete(this.key, this.writer.append(DELETE, 1, 0, bytes, bytes.length))
  }

  /** The value, or why there is none. */
  find(key: string, incarnation = 1): string | number {
    this.key.setBytes(incarnation, Buffer.from(key))
    const answer = this.overlay.find(this.key, (momentMs) => this.nowMs >= momentMs)
    if (answer !== WRITTEN) return answer
    const { data } = this.writer
    const { valueAt } = this.overlay
    const length = data[valueAt] as number
    return Buffer.from(data.slice(valueAt + 1, valueAt + 1 + length)).toString()
  }

  applyOne(): boolean {
    const isFound = this.reader.next()
    this.reader.ring.release()
    return isFound
  }

  applyAll(): void {
    while (this.applyOne());
  }
}
