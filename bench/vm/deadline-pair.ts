// One VM in a worker thread, beside the engine's own watchdog thread: what a deadline adds, and nothing else.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { createClockOrigin } from '../../src/clock.js'
import { WatchdogThread } from '../../src/dispatch/watchdog-thread.js'
import { workerWord } from '../../src/shared/layout.js'
import type { OpenCase } from '../case.js'
import { median } from '../statistics.js'
import type { DeadlineOrder, DeadlineReport, DeadlineThreadData } from './deadline-thread.js'

const WARM_UP_MS = 200

/** `source` has a `main` without arguments, which gives `result`. */
export async function openDeadlinePair(source: string, result: number): Promise<OpenCase> {
  const control = new SharedArrayBuffer(4 * workerWord(1, 0))
  const clock = createClockOrigin()
  const vms = new MessageChannel()
  let failure: string | undefined
  const watchdog = new WatchdogThread({ control, clock, threads: 1 }, (why) => {
    failure = why
  })
  watchdog.attach(0, vms.port2)
  const worker = new Worker(new URL('./deadline-thread.js', import.meta.url), {
    workerData: { control, clock, vms: vms.port1, source } satisfies DeadlineThreadData,
    transferList: [vms.port1],
  })
  await once(worker, 'online')

  const order = async (forMs: number): Promise<DeadlineReport> => {
    worker.postMessage({ forMs } satisfies DeadlineOrder)
    const [report] = (await once(worker, 'message')) as [DeadlineReport]
    if (failure !== undefined) throw new Error(failure)
    return report
  }
  return {
    check: async () => assert.equal((await order(WARM_UP_MS)).result, result),
    measure: async (forMs) => ({ figures: { deadlinePart: median((await order(forMs)).ratios) } }),
    cleanup: async () => {
      await worker.terminate()
      await watchdog.close()
    },
  }
}
