// Actors for run-queue-orders.test.ts. Workers log the ids of the runs they began, main those it took back.

import { RUN_QUEUE_SLOTS } from '../../../src/limits.js'
import { createRunQueueMemory, RunQueueReader, RunQueueWriter } from '../../../src/shared/run-queue.js'
import type { Actor } from '../../support/lockstep-words.js'
import { queuedRun } from '../../support/queued-run.js'

const FIRST_STATE = 32
const PLACES_USED = 2

export interface QueueMemory {
  readonly queue: SharedArrayBuffer
}

/** A queue that begins at `start` and holds runs 1 … `waiting`. */
export function createQueueMemory(
  start: number,
  waiting: number,
): QueueMemory & Record<string, SharedArrayBuffer> {
  const queue = createRunQueueMemory(start)
  const writer = new RunQueueWriter(queue)
  for (let id = 1; id <= waiting; id++) writer.push(queuedRun(id))
  return { queue }
}

/** Claims up to `count` times; a run counts as begun when its place is freed. */
const claimer =
  (worker: number, count: number): Actor<QueueMemory> =>
  ({ queue }, log) => {
    const reader = new RunQueueReader(queue, worker)
    return () => {
      for (let i = 0; i < count; i++) {
        if (!reader.claim()) return
        const { runId } = reader
        reader.release()
        log(runId)
      }
    }
  }

const pusher =
  (...runIds: number[]): Actor<QueueMemory> =>
  ({ queue }) => {
    const writer = new RunQueueWriter(queue)
    return () => {
      for (const runId of runIds) writer.push(queuedRun(runId))
    }
  }

/** Main after the death of worker 0. */
const undertaker: Actor<QueueMemory> = ({ queue }, log) => {
  const writer = new RunQueueWriter(queue)
  return () => {
    for (const runId of writer.takeBack(0)) log(runId)
  }
}

const closer: Actor<QueueMemory> = ({ queue }, log) => {
  const writer = new RunQueueWriter(queue)
  return () => {
    for (const runId of writer.takeUnclaimed()) log(runId)
  }
}

/** Main, for whom run 2 is no longer wanted. */
const withdrawer: Actor<QueueMemory> = ({ queue }, log) => {
  const writer = new RunQueueWriter(queue)
  return () => {
    if (writer.withdraw(2)) log(2)
  }
}

export const actors: Record<string, Actor<QueueMemory>> = {
  first: claimer(0, 2),
  second: claimer(1, 2),
  third: claimer(2, 2),
  pushesTwo: pusher(1, 2),
  undertaker,
  closer,
  withdrawer,
}

/** Places that no run ever comes to are looked through by main only: their order tells nothing. */
export function isStep(_array: Int32Array, index: number): boolean {
  return index < FIRST_STATE + PLACES_USED || index === FIRST_STATE + RUN_QUEUE_SLOTS - 1
}
