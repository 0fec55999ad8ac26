// When main looks at the outboxes and when it sleeps: with real rings and bells, and no thread behind them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Drain, type DrainEvents } from '../../src/dispatch/drain.js'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { DRAIN_TURN_US, OUTBOX_BYTES } from '../../src/limits.js'
import { Bell, Doorbell } from '../../src/shared/bells.js'
import { DOORBELL, workerWord } from '../../src/shared/layout.js'
import { MessageReader } from '../../src/shared/messages.js'
import { OutboxWriter } from '../../src/shared/outbox.js'
import { ReplyReader, ReplyWriter } from '../../src/shared/replies.js'
import { createRingMemory, RingReader } from '../../src/shared/ring.js'
import { ByteWriter } from '../../src/shared/values.js'

const BYTES = new Uint8Array(OUTBOX_BYTES)
const OUTCOME = new ByteWriter()
OUTCOME.raw(BYTES.subarray(0, 10))

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Two workers; every message ends a run. */
class Engine {
  readonly words = new Int32Array(new SharedArrayBuffer(4 * workerWord(2, 0)))
  readonly doorbell = new Doorbell(this.words)
  readonly outboxes: OutboxWriter[] = []
  readonly slots: WorkerSlot[] = []
  readonly taken: number[] = []
  readonly drain: Drain
  readonly replyMemory = createRingMemory(4096)
  runs = 0
  runsAhead = 0
  runUs = 2.5
  turns = 0
  sleeps = 0
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
      },
      onTurn: () => {
        this.turns++
        return this.runs > 0
      },
      runsAhead: () => this.runsAhead,
      runUs: () => this.runUs,
      hasOwnCore,
      onSleep: () => {
        assert.equal(this.isAsleep, false)
        this.sleeps++
      },
    }
    this.drain = new Drain(this.doorbell, this.slots, events, () => this.nowMs || performance.now())
  }

  accept(runs: number): void {
    this.runs += runs
    this.drain.wake()
  }

  end(worker: number, runId: number): void {
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

test('records of all workers are taken, and then nothing is scheduled any more', async () => {
  const engine = new Engine()
  engine.append(0, 1)
  engine.append(1, 2)
  engine.accept(2)
  await engine.until(2)
  const { turns } = engine
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  assert.equal(engine.turns, turns)
  assert.equal(engine.isAsleep, false)
  assert.deepEqual(engine.taken, [1, 2])
})

test('with a run out and nothing coming main falls asleep, and a record wakes it', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  const { turns } = engine
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  assert.equal(engine.turns, turns, 'no turn while it sleeps')
  assert.equal(engine.sleeps, 1)
  engine.append(0, 7)
  await engine.until(1)
})

test('a run accepted while main sleeps leaves it asleep, and its record wakes it', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  engine.accept(2)
  assert.ok(engine.isAsleep)
  for (const runId of [1, 2, 3]) engine.append(1, runId)
  await engine.until(3)
})

test('one turn takes a bounded number from each worker, and timers of the host come between', async () => {
  const engine = new Engine()
  for (let runId = 1; runId <= 1000; runId++) engine.append(0, runId)
  engine.append(1, 5000)
  engine.accept(1001)
  await nextTurn()
  assert.ok(engine.taken.length < 1000)
  assert.ok(engine.taken.includes(5000), 'the other worker is not kept waiting')
  await engine.until(1001)
})

test('a turn ends when its time is over, and the next begins with the worker behind', async () => {
  const engine = new Engine()
  engine.nowMs = 1000
  engine.messageMs = DRAIN_TURN_US / 1000 / 16
  for (let message = 0; message < 200; message++)
    for (const worker of [0, 1]) engine.append(worker, worker + 1)
  engine.accept(400)
  const taken: string[] = []
  while (engine.runs > 0) {
    const before = engine.taken.length
    await nextTurn()
    taken.push(engine.taken.slice(before).join(''))
    assert.ok(
      engine.taken.length - before <= 16 + 4,
      'the time of one turn, and what passes between two looks',
    )
  }
  assert.deepEqual([new Set(taken[0]), new Set(taken[1])], [new Set('1'), new Set('2')])
  assert.ok(taken.length >= 20)
})

test('a worker that waits for room is rung', async () => {
  const engine = new Engine()
  const [outbox] = engine.outboxes as [OutboxWriter]
  let runs = 0
  while (outbox.hasHeadroom()) {
    engine.append(0, ++runs, 4000)
    if (runs * 4100 > OUTBOX_BYTES - 40_000) break
  }
  while (outbox.hasHeadroom()) engine.append(0, ++runs, 0)
  const bell = engine.slots[0]?.bell as Bell
  const seen = bell.prepareToSleep()
  engine.accept(runs)
  await engine.until(runs)
  await nextTurn()
  assert.equal(bell.sleep(seen, 0), true)
  assert.ok(outbox.hasHeadroom())
})

test('a backlog of replies goes out while main sleeps and the worker reads on', async () => {
  const engine = new Engine()
  const replies = engine.slots[0]?.replies as ReplyWriter
  let isTrue = (): boolean => true
  const reader = new ReplyReader(engine.replyMemory, engine.doorbell, (condition) => {
    isTrue = condition
  })
  engine.accept(1)
  await engine.untilAsleep()
  replies.send(1, BYTES.subarray(0, 50_000))
  reader.waitFor(1)
  for (let turn = 0; turn < 200 && !isTrue(); turn++) await nextTurn()
  assert.equal(reader.message.lengthBytes, 50_000)
  assert.equal(replies.hasBacklog, false)
  engine.append(0, 1)
  await engine.until(1)
})

test('with many runs ahead main dozes, and wakes for a number of outcomes at once', async () => {
  const engine = new Engine()
  await engine.decide(10, 2.5)
  assert.ok(engine.isDozing)
  for (const runId of [2, 3, 4, 5]) engine.end(0, runId)
  assert.ok(engine.isDozing, 'four are too few')
  engine.end(0, 6)
  assert.equal(engine.isDozing, false)
  await engine.until(6)
  await nextTurn()
  assert.ok(engine.isDozing, 'and dozes again')
  engine.drain.stop()
})

test('what the host asks for upon an outcome counts as lying ahead', async () => {
  const engine = new Engine()
  engine.end(0, 1)
  engine.accept(20)
  await engine.until(1)
  engine.runsAhead = 10
  await nextTurn()
  assert.ok(engine.isDozing)
  engine.drain.stop()
})

for (const [ahead, runUs, outcomes] of [
  [8, 2.5, 4],
  [40, 2.5, 20],
  [64, 2.5, 44],
  [1000, 2.5, 48],
  [10, 20, 8],
  [6, 33, 5],
  [3, 66, 3],
  [1, 120, 1],
  [1, 200, 1],
] as const) {
  test(`with ${ahead} runs of ${runUs} µs ahead main is woken for ${outcomes}`, async () => {
    const engine = new Engine()
    await engine.decide(ahead, runUs)
    engine.append(0, 7)
    for (let n = 1; n < outcomes; n++) engine.end(0, 1 + n)
    assert.ok(engine.isDozing)
    engine.end(0, 1 + outcomes)
    assert.equal(engine.isDozing, false)
    engine.drain.stop()
  })
}

for (const [ahead, runUs] of [
  [0, 2.5],
  [7, 2.5],
  [0, 120],
  [1, 33],
] as const) {
  test(`for ${ahead} runs of ${runUs} µs main does not doze`, async () => {
    const engine = new Engine()
    await engine.decide(ahead, runUs)
    assert.equal(engine.isDozing, false)
    engine.drain.stop()
  })
}

test('with a core of its own main dozes beside many runs, and polls beside few', async () => {
  for (const [ahead, runUs, isDozing] of [
    [8, 2.5, true],
    [10, 20, true],
    [7, 28, false],
    [3, 66, false],
    [1, 120, false],
  ] as const) {
    const engine = new Engine(true)
    await engine.decide(ahead, runUs)
    assert.equal(engine.isDozing, isDozing, `${ahead} of ${runUs} µs`)
    engine.drain.stop()
  }
})

test('outcomes that are too few to wake main are taken after a moment all the same', async () => {
  const engine = new Engine()
  await engine.decide(10, 2.5)
  engine.end(1, 2)
  assert.ok(engine.isDozing)
  await engine.until(2)
  engine.drain.stop()
})

test('main does not doze for workers that ran dry meanwhile', async () => {
  const engine = new Engine()
  const asked = [10, 0]
  Object.defineProperty(engine, 'runsAhead', { get: () => asked.shift() ?? 0 })
  engine.end(0, 1)
  engine.accept(2)
  await engine.until(1)
  await nextTurn()
  assert.deepEqual(asked, [])
  assert.equal(engine.isDozing, false)
  engine.end(0, 2)
  await engine.until(2)
})

test('what a dead worker had appended is taken to its end', () => {
  const engine = new Engine()
  for (let runId = 1; runId <= 1000; runId++) engine.append(0, runId)
  engine.drain.finish(engine.slots[0] as WorkerSlot)
  assert.equal(engine.taken.length, 1000)
})

test('after stop nothing is taken and nobody is waited for', async () => {
  const engine = new Engine()
  engine.accept(1)
  await engine.untilAsleep()
  engine.drain.stop()
  engine.append(0, 1)
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  assert.deepEqual(engine.taken, [])
  assert.equal(engine.isAsleep, false)
})
