// How a worker talks to the main thread while a run is on: it posts, or it calls and sleeps until the answer is there.
//
// Order: everything goes out by the one outbox, so a call is answered after all earlier posts of this worker were
// applied. Nothing leaves for a run that is to stop: both look at the run word first and throw RunStopped, which no script
// catches. What is posted was encoded before that look, so nothing in it comes from a VM that was written to from outside.

import { Bell, Doorbell } from '../src/shared/bells.js'
import type { ByteWriter } from '../src/shared/byte-writer.js'
import type { SharedMemory } from '../src/shared/layout.js'
import type { MessageReader } from '../src/shared/messages.js'
import { OPERATIONS, type OperationName } from '../src/shared/operations.js'
import { OutboxWriter } from '../src/shared/outbox.js'
import { ReplyReader } from '../src/shared/replies.js'
import { RunWord } from '../src/shared/run-word.js'
import { WatchdogBell } from '../src/shared/watchdog-bell.js'
import { Spinner } from './spinner.js'
import { STOPPED_FROM_OUTSIDE } from './vm/hook.js'

const PUT_CODE = OPERATIONS.put.code

export class MainLink {
  readonly bell: Bell
  readonly runWord: RunWord
  readonly doorbell: Doorbell
  readonly watchdog: WatchdogBell
  readonly outbox: OutboxWriter
  readonly #replies: ReplyReader
  readonly #spinner = new Spinner()
  /** The run that is on. */
  runId = 0
  #callId = 0

  constructor(memory: SharedMemory, worker: number) {
    const control = new Int32Array(memory.control)
    const doorbell = new Doorbell(control)
    this.doorbell = doorbell
    this.bell = new Bell(control, worker)
    this.runWord = new RunWord(control, worker)
    this.watchdog = new WatchdogBell(control)
    const waitUntil = (isTrue: () => boolean): void => this.#waitUntil(isTrue)
    this.outbox = new OutboxWriter(memory.outboxes[worker] as SharedArrayBuffer, doorbell, waitUntil)
    this.#replies = new ReplyReader(memory.replies[worker] as SharedArrayBuffer, doorbell, waitUntil)
  }

  /**
   * Appends a message of the current run; waits only while the outbox is full. Returns where it lies in the outbox, or
   * -1 when it went in chunks.
   */
  post(operation: OperationName, bytes: Uint8Array, lengthBytes: number): number {
    this.#requireActive()
    return this.outbox.append(OPERATIONS[operation].code, this.runId, 0, bytes, lengthBytes)
  }

  /** The same for a put that was just written to `record`. */
  postPut(record: ByteWriter): number {
    this.#requireActive()
    return this.outbox.appendWritten(PUT_CODE, this.runId, record)
  }

  /** Asks main and sleeps until it answers; undefined when it says "nothing". Call `done` after reading the answer. */
  call(operation: OperationName, bytes: Uint8Array, lengthBytes: number): MessageReader | undefined {
    this.#requireActive()
    this.#callId = (this.#callId + 1) >>> 0
    this.outbox.append(OPERATIONS[operation].code, this.runId, this.#callId, bytes, lengthBytes)
    const isSomething = this.#replies.waitFor(this.#callId)
    this.#requireActive()
    return isSomething ? this.#replies.message : undefined
  }

  /** The answer has been read. */
  done(): void {
    this.#replies.done()
  }

  #requireActive(): void {
    if (!this.runWord.mayAct()) throw STOPPED_FROM_OUTSIDE
  }

  #waitUntil(isTrue: () => boolean): void {
    if (isTrue()) return
    // Main may have wanted to sleep on for some outcomes; none comes from a worker that waits.
    this.doorbell.ring()
    if (this.#spinner.spin(isTrue)) return
    for (;;) {
      const seen = this.bell.prepareToSleep()
      if (isTrue()) {
        this.bell.stayAwake()
        return
      }
      // Who stops the run rings only if this worker says that it sleeps, so it looks after it has said so.
      if (this.runWord.mayAct()) this.bell.sleep(seen, Number.POSITIVE_INFINITY)
      else this.bell.stayAwake()
      this.#requireActive()
    }
  }
}
