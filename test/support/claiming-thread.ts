// Claims runs until told to stop, and counts for each run how often it was begun.

import { workerData } from 'node:worker_threads'
import { Bell } from '../../src/shared/bells.js'
import { RunQueueReader } from '../../src/shared/run-queue.js'

export interface ClaimingData {
  readonly worker: number
  readonly control: SharedArrayBuffer
  readonly queue: SharedArrayBuffer
  /** By run id. Negative: its arguments were another run's. */
  readonly begun: SharedArrayBuffer
  /** Looks at the arguments this often before the place is freed: the longer, the more often death comes in between. */
  readonly looks: number
  /** Word 0: runs begun by all; word 1: stop; word 2 + w: runs begun by the thread that worker w is now. */
  readonly progress: SharedArrayBuffer
}

const { worker, control, queue, begun, progress, looks } = workerData as ClaimingData
const bell = new Bell(new Int32Array(control), worker)
const reader = new RunQueueReader(queue, worker)
const counts = new Int32Array(begun)
const words = new Int32Array(progress)

/** What the argument bytes say, see queuedRun. */
function idInArguments(): number {
  return reader.bytes.readUInt32LE(reader.argumentsAt)
}

const isStopped = (): boolean => Atomics.load(words, 1) === 1

for (;;) {
  if (reader.claim()) {
    const { runId } = reader
    let isWhole = true
    for (let look = 0; look < looks; look++) isWhole &&= idInArguments() === runId
    reader.release()
    Atomics.add(counts, runId, isWhole ? 1 : -1000)
    Atomics.add(words, 0, 1)
    Atomics.add(words, 2 + worker, 1)
    Atomics.notify(words, 0)
    continue
  }
  if (isStopped()) break
  const seen = bell.prepareToIdle()
  if (reader.hasWaiting() || isStopped()) bell.stayAwake()
  else bell.sleep(seen, 1000)
}
