// The shared memory between real threads. What the orders of *-orders.test.ts cannot show: the hardware's own.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { OUTCOME_HEADROOM_BYTES } from '../../src/limits.js'
import { Bell, Doorbell } from '../../src/shared/bells.js'
import { workerWord } from '../../src/shared/layout.js'
import { MessageReader } from '../../src/shared/messages.js'
import { ReplyWriter } from '../../src/shared/replies.js'
import { createRingMemory, RingReader } from '../../src/shared/ring.js'
import { createRunQueueMemory, RunQueueWriter } from '../../src/shared/run-queue.js'
import type { ClaimingData } from '../support/claiming-thread.js'
import type { EchoData } from '../support/echo-thread.js'
import { queuedRun } from '../support/queued-run.js'
import { answerBytes, CALL, messageBytes, messageLength, PUT } from '../support/talk.js'
import type { TalkingData } from '../support/talking-thread.js'

const start = (name: string, workerData: unknown): Worker =>
  new Worker(new URL(`../support/${name}-thread.js`, import.meta.url), { workerData })

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('100,000 calls from thread to thread and back, none slept through', { timeout: 60_000 }, async () => {
  const rounds = 100_000
  const data: EchoData = {
    control: new SharedArrayBuffer(4 * workerWord(1, 0)),
    numbers: new SharedArrayBuffer(64),
    rounds,
    patienceMs: 2000,
  }
  const bell = new Bell(new Int32Array(data.control), 0)
  const doorbell = new Doorbell(new Int32Array(data.control))
  const words = new Int32Array(data.numbers)
  const thread = start('echo', data)
  const lost = once(thread, 'message')
  for (let round = 1; round <= rounds; round++) {
    const isAnswered = (): boolean => Atomics.load(words, 1) === round
    Atomics.store(words, 0, round)
    bell.ring()
    for (let look = 0; look < (round * 11) % 900; look++) if (isAnswered()) break
    while (!isAnswered()) {
      doorbell.prepareToSleep()
      if (isAnswered()) doorbell.stayAwake()
      else await doorbell.wait()
    }
  }
  assert.deepEqual(await lost, [0])
})

interface Claimers {
  readonly data: Omit<ClaimingData, 'worker'>
  readonly bells: readonly Bell[]
  readonly threads: Worker[]
  readonly writer: RunQueueWriter
}

/** Sequence numbers wrap in the middle of the runs. */
function startClaimers(count: number, runs: number, looks: number): Claimers {
  const data = {
    control: new SharedArrayBuffer(4 * workerWord(count, 0)),
    queue: createRunQueueMemory(2 ** 32 - runs / 2),
    begun: new SharedArrayBuffer(4 * (runs + 1)),
    progress: new SharedArrayBuffer(64),
    looks,
  }
  const control = new Int32Array(data.control)
  const bells = Array.from({ length: count }, (_, worker) => new Bell(control, worker))
  const threads = bells.map((_, worker) => start('claiming', { ...data, worker }))
  return { data, bells, threads, writer: new RunQueueWriter(data.queue) }
}

async function stopClaimers({ data, bells, threads }: Claimers): Promise<void> {
  const exits = threads.map((thread) => once(thread, 'exit'))
  Atomics.store(new Int32Array(data.progress), 1, 1)
  for (const bell of bells) bell.ring()
  await Promise.all(exits)
}

test('four threads begin each of 200,000 runs once', { timeout: 60_000 }, async () => {
  const runs = 200_000
  const claimers = startClaimers(4, runs, 1)
  const { data, bells, writer } = claimers
  const progress = new Int32Array(data.progress)
  for (let id = 1; id <= runs; id++) {
    while (!writer.push(queuedRun(id))) Atomics.wait(progress, 0, Atomics.load(progress, 0), 1)
    bells.some((bell) => bell.summon())
  }
  await stopClaimers(claimers)
  const counts = new Int32Array(data.begun)
  assert.equal(
    counts.subarray(1).findIndex((count) => count !== 1) + 1,
    0,
    'a run was lost, torn or begun twice',
  )
  assert.equal(writer.waiting, 0)
})

test('threads that are terminated at any moment lose no run that was not begun', {
  timeout: 60_000,
}, async (t) => {
  const [runs, deaths] = [40_000, 12]
  const claimers = startClaimers(2, runs, 500)
  const { data, bells, threads, writer } = claimers
  const progress = new Int32Array(data.progress)
  const waiting = Array.from({ length: runs }, (_, index) => index + 1).reverse()
  const publish = (): void => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (!writer.push(queuedRun(id))) {
        waiting.push(id)
        return
      }
      bells.some((bell) => bell.summon())
    }
  }
  let takenBack = 0
  for (let death = 0; death < deaths; death++) {
    const worker = death % 2
    // Each dies in the middle of its work, at another moment.
    while (Atomics.load(progress, 2 + worker) < 100 + death * 13) {
      publish()
      await nextTurn()
    }
    await (threads[worker] as Worker).terminate()
    const back = writer.takeBack(worker)
    takenBack += back.length
    waiting.push(...back)
    bells[worker]?.reset()
    Atomics.store(progress, 2 + worker, 0)
    threads[worker] = start('claiming', { ...data, worker })
  }
  while (waiting.length > 0) {
    publish()
    await nextTurn()
  }
  await stopClaimers(claimers)
  const counts = new Int32Array(data.begun).subarray(1)
  const lost = counts.filter((count) => count === 0).length
  assert.ok(counts.every((count) => count === 0 || count === 1))
  t.diagnostic(`${deaths} deaths: ${takenBack} runs taken back, ${lost} lost`)
  assert.ok(lost <= deaths, `${lost} runs lost by ${deaths} deaths`)
})

test('40,000 messages and 5,000 answers of all sizes arrive whole and in order', {
  timeout: 60_000,
}, async () => {
  const data: TalkingData = {
    control: new SharedArrayBuffer(4 * workerWord(1, 0)),
    outbox: createRingMemory(4 * OUTCOME_HEADROOM_BYTES, 2 ** 32 - 1_000_000),
    replies: createRingMemory(4096, 2 ** 32 - 500_000),
    messages: 40_000,
  }
  const words = new Int32Array(data.control)
  const [bell, doorbell] = [new Bell(words, 0), new Doorbell(words)]
  const outbox = new MessageReader(new RingReader(data.outbox))
  const replies = new ReplyWriter(data.replies, bell)
  const thread = start('talking', data)
  const wrong = once(thread, 'message')
  let received = 0
  const take = (): void => {
    const { operation, runId } = outbox.ring
    assert.equal(runId, ++received)
    assert.equal(operation, runId % 8 === 0 ? CALL : PUT)
    assert.equal(outbox.lengthBytes, messageLength(runId))
    const { bytes, at, lengthBytes } = outbox
    assert.ok(
      Buffer.from(messageBytes(runId)).equals(bytes.subarray(at, at + lengthBytes)),
      `message ${runId}`,
    )
    if (operation !== CALL) return
    const answer = answerBytes(runId)
    if (answer === undefined) replies.sendNothing(runId)
    else replies.send(runId, answer)
  }
  while (received < data.messages || replies.hasBacklog) {
    for (let taken = 0; taken < 64 && outbox.next(); taken++) take()
    if (outbox.ring.release()) bell.ring()
    replies.flush()
    if (outbox.ring.hasNext() || received === data.messages) continue
    doorbell.prepareToSleep()
    replies.flush()
    if (outbox.ring.hasNext()) doorbell.stayAwake()
    else await doorbell.wait()
  }
  assert.deepEqual(await wrong, [0])
})
