import { type QueuedRun, RUN_KINDS } from '../../src/shared/run-queue.js'

const NO_NAME = new Uint8Array(0)

/** A run of `main` whose argument bytes say its id. */
export function queuedRun(runId: number, changes: Partial<QueuedRun> = {}): QueuedRun {
  return {
    runId,
    kind: RUN_KINDS.indexOf('main'),
    imageId: 1,
    imageOffset: 0,
    prefixCell: 0,
    prefixBytes: 0,
    timeoutMs: 1000,
    functionName: NO_NAME,
    argumentCount: 1,
    argumentBytes: Uint8Array.of(runId, runId >>> 8, runId >>> 16, runId >>> 24),
    ...changes,
  }
}
