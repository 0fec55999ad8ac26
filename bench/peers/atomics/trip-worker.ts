// The asking side of the bare round trip. It answers each order with a report; in between it does nothing else.

import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { REPLY, REQUEST, STOP, type TripOrder, type TripReport } from './cells.js'

const { memory, workerSpinUs } = workerData as { memory: SharedArrayBuffer; workerSpinUs: number }
const cells = new Int32Array(memory)

/** A look costs some nanoseconds, a clock reading several times that: read the clock at every 16th. */
const LOOKS_PER_CLOCK_READING = 16

function spinFor(expected: number): boolean {
  if (workerSpinUs === 0) return Atomics.load(cells, REPLY) === expected
  const endMs = performance.now() + workerSpinUs / 1_000
  do {
    for (let look = 0; look < LOOKS_PER_CLOCK_READING; look++) {
      if (Atomics.load(cells, REPLY) === expected) return true
    }
  } while (performance.now() < endMs)
  return false
}

function makeTrip(): void {
  const expected = (Atomics.add(cells, REQUEST, 1) + 1) | 0
  Atomics.notify(cells, REQUEST)
  if (spinFor(expected)) return
  for (let seen = Atomics.load(cells, REPLY); seen !== expected; seen = Atomics.load(cells, REPLY)) {
    Atomics.wait(cells, REPLY, seen)
  }
}

function makeTrips({ forMs }: TripOrder): TripReport {
  const startMs = performance.now()
  let trips = 0
  while (performance.now() - startMs < forMs) {
    makeTrip()
    trips++
  }
  const seconds = (performance.now() - startMs) / 1_000
  // One more request, not waited for: the one that main leaves with. The stop comes first.
  Atomics.store(cells, STOP, 1)
  Atomics.add(cells, REQUEST, 1)
  Atomics.notify(cells, REQUEST)
  return { trips, seconds }
}

const port = parentPort
if (port === null) throw new Error('trip-worker: started as a worker only')
port.on('message', (order: TripOrder) => port.postMessage(makeTrips(order)))
