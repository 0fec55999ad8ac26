import { holdBytes, NO_BYTES } from '../../src/shared/held-bytes.js'
import { type QueuedRun, RUN_KINDS } from '../../src/shared/run-queue.js'

/** A run of `main` whose argument bytes say its id. */
export function queuedRun(runId: number, changes: Partial<QueuedRun> = {}): QueuedRun {
  return {
    id: runId,
    kind: RUN_KINDS.indexOf('main'),
    image: { id: 1, offset: 0 },
    prefix: { cell: 0, bytes: 0 },
    timeoutMs: 1000,
    functionName: NO_BYTES,
    args: { ...holdBytes(Uint8Array.of(runId, runId >>> 8, runId >>> 16, runId >>> 24)), count: 1 },
    ...changes,
  }
}
