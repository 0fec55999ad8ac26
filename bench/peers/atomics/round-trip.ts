// The floor under every synchronous call: a worker asks, the main thread answers, and nothing else happens. What a
// call of the engine costs beyond this is the engine's.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { OpenCase } from '../../case.js'
import { type Carrier, CELL_BYTES, REPLY, REQUEST, STOP, type TripOrder, type TripReport } from './cells.js'

/** Answers until the worker has asked for its last; how it waits is the carrier's. */
async function answerTrips(cells: Int32Array<SharedArrayBuffer>, carrier: Carrier): Promise<void> {
  for (;;) {
    const asked = Atomics.load(cells, REQUEST)
    if (asked !== Atomics.load(cells, REPLY)) {
      // Read before the reply: until then the worker stands still, afterwards it may be ahead.
      const isLast = Atomics.load(cells, STOP) === 1
      Atomics.store(cells, REPLY, asked)
      Atomics.notify(cells, REPLY)
      if (isLast) return
    } else if (carrier.main === 'blocked') {
      Atomics.wait(cells, REQUEST, asked)
    } else if (carrier.main === 'doorbell') {
      const waiting = Atomics.waitAsync(cells, REQUEST, asked)
      if (waiting.async) await waiting.value
    } else {
      await nextTurn()
    }
  }
}

export async function openRoundTrip(carrier: Carrier): Promise<OpenCase> {
  const memory = new SharedArrayBuffer(CELL_BYTES)
  const cells = new Int32Array(memory)
  const worker = new Worker(new URL('./trip-worker.js', import.meta.url), {
    workerData: { memory, workerSpinUs: carrier.workerSpinUs },
  })
  await once(worker, 'online')

  const makeTrips = async (forMs: number): Promise<TripReport> => {
    Atomics.store(cells, STOP, 0)
    const reported = once(worker, 'message')
    worker.postMessage({ forMs } satisfies TripOrder)
    await answerTrips(cells, carrier)
    const [report] = (await reported) as [TripReport]
    return report
  }

  return {
    check: async () => {
      const before = Atomics.load(cells, REPLY)
      const { trips } = await makeTrips(20)
      assert.ok(trips > 0)
      // Every trip was answered once, and the stop once.
      assert.equal((Atomics.load(cells, REPLY) - before) | 0, trips + 1)
    },
    measure: async (forMs) => {
      const { trips, seconds } = await makeTrips(forMs)
      return { operations: trips, seconds }
    },
    cleanup: async () => {
      await worker.terminate()
    },
  }
}
