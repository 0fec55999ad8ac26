// A feeder whose threads do nothing, and whose drain tasks a test ends.

import { Admission } from '../../src/dispatch/admission.js'
import { Feeder, type FeederParts } from '../../src/dispatch/feeder.js'
import { LookAhead } from '../../src/dispatch/look-ahead.js'
import type { WorkerPool } from '../../src/dispatch/pool.js'
import type { Run } from '../../src/dispatch/run.js'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { Bell } from '../../src/shared/bells.js'
import { WORKER_BELL, workerWord } from '../../src/shared/layout.js'
import { createRunQueueMemory, RunQueueReader, RunQueueWriter } from '../../src/shared/run-queue.js'

/** Threads that do nothing; a drain task stays open until the test ends it. */
class IdlePool {
  refills = 0
  readonly open: (() => void)[] = []
  /** Of all drain tasks so far, where they went. */
  readonly places: number[] = []

  drain(place: number): Promise<void> {
    this.places.push(place)
    return new Promise((resolve) => this.open.push(resolve))
  }

  refill(): void {
    this.refills++
  }

  async endDrain(): Promise<void> {
    this.open.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** All threads have booted; those beyond `threads` are spare. */
export function createFeeder(threads: number, spareThreads = 0) {
  const places = threads + spareThreads
  const words = new Int32Array(new SharedArrayBuffer(4 * workerWord(places, 0)))
  const bells = Array.from({ length: places }, (_, worker) => new Bell(words, worker))
  const slots = bells.map(
    (bell, index) =>
      ({ index, bell, state: 'ready', drainTask: undefined, drainCount: 0 }) as unknown as WorkerSlot,
  )
  const memory = createRunQueueMemory()
  const readers = bells.map((_, worker) => new RunQueueReader(memory, worker))
  const queue = new RunQueueWriter(memory)
  const admission = new Admission(1000)
  const pool = new IdlePool()
  const lookAhead = new LookAhead(threads)
  const runs = new Map<number, Run>()
  const clock = { nowMs: 1000 }
  const parts: FeederParts = {
    threads,
    admission,
    queue,
    lookAhead,
    slots,
    pool: pool as unknown as WorkerPool,
    runOf: (id) => runs.get(id),
  }
  // Each look takes half a microsecond, so that no wait lasts for ever.
  const feeder = new Feeder(parts, () => {
    clock.nowMs += 0.0005
    return clock.nowMs
  })
  const give = (...given: Run[]): void => {
    for (const run of given) {
      runs.set(run.id, run)
      admission.push(run)
    }
    feeder.feed()
  }
  /** Whether the worker that prepared with `seen` would go on sleeping. */
  const sleeps = (worker: number, seen: number): boolean => !(bells[worker] as Bell).sleep(seen, 0)
  return { words, bells, slots, readers, queue, admission, lookAhead, pool, feeder, clock, give, sleeps }
}

/** As after many runs of 5 µs. */
export function createFeederOfShortRuns(threads: number) {
  const parts = createFeeder(threads)
  for (let run = 0; run < 100; run++) parts.lookAhead.noteDuration(5)
  return parts
}

/** All workers wait for a run; the answer tells which of them have been called since. */
export function idle({ bells, words }: ReturnType<typeof createFeeder>): () => boolean[] {
  const seen = bells.map((bell) => bell.prepareToIdle())
  return () => seen.map((word, worker) => words[workerWord(worker, WORKER_BELL)] !== word)
}
