// A drain with real rings and bells, and no thread behind them.

import assert from 'node:assert/strict'
import { Drain, type DrainEvents } from '../../src/dispatch/drain.js'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { OUTBOX_BYTES } from '../../src/limits.js'
import { Bell, Doorbell } from '../../src/shared/bells.js'
import { DOORBELL, workerWord } from '../../src/shared/layout.js'
import { MessageReader } from '../../src/shared/messages.js'
import { OutboxWriter } from '../../src/shared/outbox.js'
import { ReplyWriter } from '../../src/shared/replies.js'
import { createRingMemory, RingReader } from '../../src/shared/ring.js'
import { ByteWriter } from '../../src/shared/values.js'

export const BYTES = new Uint8Array(OUTBOX_BYTES)
const OUTCOME = new ByteWriter()
OUTCOME.raw(BYTES.subarray(0, 10))

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Two workers; every message ends a run. */
export class Engine {
  readonly words = new Int32Array(new SharedArrayBuffer(4 * workerWord(2, 0)))
  readonly doorbell = new Doorbell(this.words)
  readonly outboxes: OutboxWriter[] = []
  readonly slots: WorkerSlot[] = []
  readonly taken: number[] = []
  readonly drain: Drain
  readonly replyMemory = createRingMemory(4096)
  runs = 0
  runsAhead = 0
  hasCoreToPoll = true
  hasIdleWorker = false
  runUs = 2.5
  turns = 0
  sleeps = 0
  /** Calls while main slept. */
  callsAsleep = 0
  /** So often runs are left to workers that were called. */
  callsLeft = 0
  /** What the host does about a message, and what main does after that. */
  onTaken = (): void => {}
  onAfterTurn = (): void => {}
  nowMs = 0
  /** What a message costs by the clock that the drain sees. */
  messageMs = 0

  constructor(hasOwnCore = false) {
    for (const worker of [0, 1]) {
      const memory = createRingMemory(OUTBOX_BYTES)
      const bell = new Bell(this.words, worker)
      const outbox = new MessageReader(new RingReader(memory))
      const replies = new ReplyWriter(worker === 0 ? this.replyMemory : createRingMemory(4096), bell)
      this.outboxes.push(new OutboxWriter(memory, this.doorbell, () => assert.fail('no room')))
      this.slots.push({ index: worker, bell, outbox, replies } as unknown as WorkerSlot)
    }
    const events: DrainEvents = {
      onMessage: (slot) => {
        this.taken.push(slot.outbox.ring.runId)
        this.runs--
        this.nowMs += this.messageMs
        this.onTaken()
      },
      onTurn: () => {
        this.turns++
        return this.runs > 0
      },
      runsAhead: () => this.runsAhead,
      runUs: () => this.runUs,
      hasOwnCore,
      pressure: { isHigh: false },
      hasCoreToPoll: () => this.hasCoreToPoll,
      hasIdleWorker: () => this.hasIdleWorker,
      afterTurn: () => this.onAfterTurn(),
      onSleep: () => {
        if (this.isAsleep) this.callsAsleep++
        else this.sleeps++
        return this.callsLeft-- > 0
      },
    }
    this.drain = new Drain(this.doorbell, this.slots, events, () => this.nowMs || performance.now())
  }

  accept(runs: number): void {
    this.runs += runs
    this.drain.wake()
  }

  end(worker: number, runId: number): void {
    this.endUnheard(worker, runId)
    this.doorbell.ringForOutcome()
  }

  /** As a record that reached memory while main fell asleep. */
  endUnheard(worker: number, runId: number): void {
    this.outboxes[worker]?.appendOutcome(2, runId, OUTCOME, () => true)
  }

  get isDozing(): boolean {
    return ![0, 1].includes(Atomics.load(this.words, DOORBELL))
  }

  append(worker: number, runId: number, lengthBytes = 10): void {
    this.outboxes[worker]?.append(2, runId, 0, BYTES, lengthBytes)
  }

  get isAsleep(): boolean {
    return Atomics.load(this.words, DOORBELL) === 1
  }

  async untilAsleep(): Promise<void> {
    while (!this.isAsleep) await nextTurn()
  }

  async until(count: number): Promise<void> {
    while (this.taken.length < count) await nextTurn()
  }

  /** Takes one outcome and lets main decide, with a worker that has `ahead` runs of `runUs` before it. */
  async decide(ahead: number, runUs: number): Promise<void> {
    this.runsAhead = ahead
    this.runUs = runUs
    this.end(0, 1)
    this.accept(100)
    await this.until(1)
    await nextTurn()
  }
}
