// One worker → main: writes, calls, prints and outcomes, in the order in which they happened. The ring is drawn in
// ring.ts, the operations stand in operations.ts.
//
// Every record carries its run. What is appended is applied, also when the run is killed afterwards. Ordinary records
// leave OUTCOME_HEADROOM_BYTES free and the worker claims a run only while that much is free, so the last record of an
// outcome fits without waiting, at a moment when nothing can stop the run any more.
// A message larger than a record goes in chunks through the same ring and counts from its last chunk on.

import { OUTCOME_HEADROOM_BYTES } from '../limits.js'
import type { Doorbell } from './bells.js'
import type { ByteWriter } from './byte-writer.js'
import { type OutgoingMessage, SENT, sendChunks } from './messages.js'
import { CHUNK_FIRST, CHUNK_LAST, RingWriter } from './ring.js'

/** The last chunk of an outcome is at most this, so that it fits the headroom wherever the ring's end lies. */
const MAX_LAST_CHUNK_BYTES = OUTCOME_HEADROOM_BYTES / 2 - 64

/** The worker's side. */
export class OutboxWriter {
  readonly #ring: RingWriter
  readonly #doorbell: Doorbell
  readonly #waitUntil: (isTrue: () => boolean) => void

  /** `waitUntil` puts the worker to sleep until the condition holds; it throws when the run is to stop. */
  constructor(memory: SharedArrayBuffer, doorbell: Doorbell, waitUntil: (isTrue: () => boolean) => void) {
    this.#ring = new RingWriter(memory)
    this.#doorbell = doorbell
    this.#waitUntil = waitUntil
  }

  /** Where appended records lie: readable in place for as long as `isApplied` denies. */
  get data(): Uint8Array {
    return this.#ring.data
  }

  /** Behind everything appended so far. */
  get position(): number {
    return this.#ring.position
  }

  /** Looks anew how much main has applied. */
  look(): void {
    this.#ring.look()
  }

  /** Whether main had applied everything up to this position when this worker last looked. */
  isApplied(position: number): boolean {
    return this.#ring.hasBeenRead(position)
  }

  /** Whether an outcome would fit: asked before a run is claimed. Otherwise main rings when it has made room. */
  hasHeadroom(): boolean {
    if (this.#ring.fits(0, OUTCOME_HEADROOM_BYTES)) return true
    this.#ring.wantRoom()
    return this.#ring.fits(0, OUTCOME_HEADROOM_BYTES)
  }

  /**
   * Appends a message; waits while there is no room. `bytes` is copied from its beginning. Returns where it lies in
   * `data`, or -1 when it went in chunks.
   */
  append(operation: number, runId: number, callId: number, bytes: Uint8Array, lengthBytes: number): number {
    const ring = this.#ring
    if (lengthBytes <= ring.maxPayloadBytes && ring.fits(lengthBytes, OUTCOME_HEADROOM_BYTES)) {
      ring.append(operation, CHUNK_FIRST | CHUNK_LAST, runId, callId, lengthBytes, bytes, 0, lengthBytes)
      this.#doorbell.ringForRecord()
      return ring.payloadAt
    }
    this.#send({ operation, flags: 0, runId, callId, bytes, lengthBytes }, lengthBytes)
    return lengthBytes <= ring.maxPayloadBytes ? ring.payloadAt : -1
  }

  /** The same for what was written to a writer, in half the time where it is short. */
  appendWritten(operation: number, runId: number, source: ByteWriter): number {
    const ring = this.#ring
    const { bytes, length } = source
    if (length > ring.maxPayloadBytes || !ring.fits(length, OUTCOME_HEADROOM_BYTES)) {
      return this.append(operation, runId, 0, bytes, length)
    }
    ring.appendWhole(operation, runId, source)
    this.#doorbell.ringForRecord()
    return ring.payloadAt
  }

  /**
   * Appends a run's outcome. All but its end goes out while the run can still be stopped; then `end` is asked, which
   * says whether the run ended by itself; only then the last record makes the outcome count. Main is not rung: see Doorbell.
   */
  appendOutcome(operation: number, runId: number, outcome: ByteWriter, end: () => boolean): boolean {
    const { bytes, length: lengthBytes } = outcome
    if (lengthBytes <= MAX_LAST_CHUNK_BYTES) {
      if (!end()) return false
      // The headroom was there when the run was claimed, and nothing else may use it.
      this.#ring.appendWhole(operation, runId, outcome)
    } else {
      const message = { operation, flags: 0, runId, callId: 0, bytes, lengthBytes }
      const lastFromBytes = lengthBytes - MAX_LAST_CHUNK_BYTES
      this.#send(message, lastFromBytes)
      if (!end()) return false
      sendChunks(this.#ring, message, lastFromBytes, 0)
    }
    return true
  }

  /** Sends from the beginning up to `upToBytes`, sleeping while there is no room. */
  #send(message: OutgoingMessage, upToBytes: number): void {
    let sent = 0
    const step = (): boolean => {
      const before = sent
      sent = sendChunks(this.#ring, message, before, OUTCOME_HEADROOM_BYTES, upToBytes)
      if (sent !== before) this.#doorbell.ringForRecord()
      return sent === SENT || (sent === upToBytes && upToBytes < message.lengthBytes)
    }
    if (step()) return
    this.#waitUntil(() => {
      if (step()) return true
      this.#ring.wantRoom()
      return step()
    })
  }
}
