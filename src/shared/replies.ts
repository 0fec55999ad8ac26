// Main → one worker: answers to its open calls, and what is too large for the run queue (arguments, sources). The ring
// is drawn in ring.ts; a reply carries the call id it answers, and FLAG_EMPTY when it says "nothing" (a missing entry).
//
// Main never waits: what does not fit stays in a backlog of its own, in order, and goes out when the worker has read
// on and rung the doorbell. A worker has one open call at a time; a reply to any other call is left over from a run that
// was stopped and is skipped.

import type { Bell, Doorbell } from './bells.js'
import { MessageReader, type OutgoingMessage, SENT, sendChunks } from './messages.js'
import { FLAG_EMPTY, RingReader, RingWriter } from './ring.js'

interface Unsent {
  readonly message: OutgoingMessage
  sentBytes: number
}

const NO_BYTES = new Uint8Array(0)

/** Main's side. */
export class ReplyWriter {
  readonly #ring: RingWriter
  readonly #bell: Bell
  readonly #backlog: Unsent[] = []

  constructor(memory: SharedArrayBuffer, bell: Bell) {
    this.#ring = new RingWriter(memory)
    this.#bell = bell
  }

  /** Answers a call. `bytes` may change after this returns. */
  send(callId: number, bytes: Uint8Array): void {
    this.#send({ operation: 1, flags: 0, runId: 0, callId, bytes, lengthBytes: bytes.length })
  }

  /** Answers a call with "nothing". */
  sendNothing(callId: number): void {
    this.#send({ operation: 1, flags: FLAG_EMPTY, runId: 0, callId, bytes: NO_BYTES, lengthBytes: 0 })
  }

  /** Sends what waited for room. Call it whenever the worker may have read on. */
  flush(): void {
    let hasSent = false
    for (let first = this.#backlog[0]; first !== undefined; first = this.#backlog[0]) {
      const before = first.sentBytes
      const isSent = this.#sendSome(first)
      hasSent ||= isSent || first.sentBytes !== before
      if (!isSent) break
      this.#backlog.shift()
    }
    if (hasSent) this.#bell.ring()
  }

  get hasBacklog(): boolean {
    return this.#backlog.length > 0
  }

  #send(message: OutgoingMessage): void {
    const unsent: Unsent = { message, sentBytes: 0 }
    if (this.#backlog.length > 0 || !this.#sendSome(unsent)) {
      this.#backlog.push({
        message: { ...message, bytes: Uint8Array.prototype.slice.call(message.bytes) },
        sentBytes: unsent.sentBytes,
      })
    }
    this.#bell.ring()
  }

  #sendSome(unsent: Unsent): boolean {
    const step = (): boolean => {
      unsent.sentBytes = sendChunks(this.#ring, unsent.message, unsent.sentBytes, 0)
      return unsent.sentBytes === SENT
    }
    if (step()) return true
    this.#ring.wantRoom()
    return step()
  }
}

/** The worker's side. */
export class ReplyReader {
  /** The answer that `waitFor` brought: `lengthBytes` of `bytes` from `at`; valid until `done`. */
  readonly message: MessageReader
  readonly #ring: RingReader
  readonly #doorbell: Doorbell
  readonly #waitUntil: (isTrue: () => boolean) => void

  constructor(memory: SharedArrayBuffer, doorbell: Doorbell, waitUntil: (isTrue: () => boolean) => void) {
    this.#ring = new RingReader(memory)
    this.message = new MessageReader(this.#ring)
    this.#doorbell = doorbell
    this.#waitUntil = waitUntil
  }

  /** Sleeps until the answer to this call is there. False when it says "nothing". Call `done` after reading it. */
  waitFor(callId: number): boolean {
    this.#waitUntil(() => this.#arrived(callId))
    return (this.#ring.flags & FLAG_EMPTY) === 0
  }

  /** Gives the answer's bytes back. */
  done(): void {
    if (this.#ring.release()) this.#doorbell.ring()
  }

  /** Chunks are given back as they are collected, so that an answer may be larger than the ring. */
  #arrived(callId: number): boolean {
    while (this.message.next()) {
      if (this.#ring.callId === callId) return true
    }
    this.done()
    return false
  }
}
