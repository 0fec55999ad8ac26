// The byte maps of shared memory that are not a file's own. Every group of words has a 64-byte line to itself, so that
// two threads that write different words never fight over one.
//
// Control memory:
//
//   line 0          doorbell                                 main waits, workers ring
//   line 1          watchdog: bell, next look, off           the watchdog thread waits, main and workers ring
//   line 2 + 2w     worker w: bell, asleep, leave            main and the watchdog ring, the worker sleeps
//   line 3 + 2w     worker w: run word, run id, deadline     the worker starts and ends runs, the others stop them
//
// Rings (outbox, replies) are drawn in ring.ts, the run queue in run-queue-places.ts, prefix cells in prefix-cells.ts, images
// in image-arena.ts, the view in view-layout.ts, read counts in read-counts.ts.

import type { ClockOrigin } from '../clock.js'
import { MAX_SPARE_THREADS, MAX_THREADS, OUTBOX_BYTES, REPLIES_BYTES } from '../limits.js'
import { createReadCountMemory } from './read-counts.js'
import { createRingMemory } from './ring.js'
import { createRunQueueMemory } from './run-queue.js'
import type { ViewMemory } from './view-layout.js'

const LINE_WORDS = 16

export type ControlWords = Int32Array

export const DOORBELL = 0
export const WATCHDOG_BELL: number = LINE_WORDS
export const WATCHDOG_NEXT_LOOK: number = LINE_WORDS + 1
export const WATCHDOG_OFF: number = LINE_WORDS + 2
export const WORKER_BELL = 0
export const WORKER_ASLEEP = 1
/** 1 while main wants the worker to end its drain task and serve its control port. */
export const WORKER_LEAVE = 2
export const WORKER_RUN_WORD: number = LINE_WORDS
export const WORKER_RUN_ID: number = LINE_WORDS + 1
export const WORKER_DEADLINE: number = LINE_WORDS + 2

/** Index of one of a worker's words in the control memory. */
export function workerWord(worker: number, word: number): number {
  return LINE_WORDS * (2 + 2 * worker) + word
}

/** Everything that the threads of one engine share. Made by main, posted to each worker when it boots. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer
  readonly runQueue: SharedArrayBuffer
  readonly outboxes: readonly SharedArrayBuffer[]
  readonly replies: readonly SharedArrayBuffer[]
  readonly images: SharedArrayBuffer
  readonly view: ViewMemory
  readonly prefixCells: SharedArrayBuffer
  readonly readCounts: SharedArrayBuffer
  readonly clock: ClockOrigin
}

/** What the rooms that own it have made already. */
export type OwnedMemory = Pick<SharedMemory, 'images' | 'view' | 'prefixCells' | 'clock'>

export function createSharedMemory(threads: number, owned: OwnedMemory): SharedMemory {
  const most = MAX_THREADS + MAX_SPARE_THREADS
  if (threads > most) throw new RangeError(`layout: at most ${most} threads`)
  const each = Array.from({ length: threads })
  return {
    control: new SharedArrayBuffer(4 * workerWord(threads, 0)),
    runQueue: createRunQueueMemory(),
    outboxes: each.map(() => createRingMemory(OUTBOX_BYTES)),
    replies: each.map(() => createRingMemory(REPLIES_BYTES)),
    readCounts: createReadCountMemory(threads),
    ...owned,
  }
}
