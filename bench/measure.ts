// Synchronous work in one thread, by tinybench (this file is its only user).
// A body does a whole batch: a single operation of some hundred nanoseconds is below what a clock reading can tell.

import { Bench } from 'tinybench'
import type { CountedWork } from './case.js'
import { startCpuCount } from './cpu.js'

/** Repeats `body`, which does `operationsPerBody` operations, for about `forMs`. */
export function measureLoop(body: () => void, operationsPerBody: number, forMs: number): CountedWork {
  const bench = new Bench({ time: forMs, iterations: 1, warmup: false, retainSamples: false, throws: true })
  bench.add('body', body, { async: false })
  const cpu = startCpuCount()
  const [task] = bench.runSync()
  const { processUs } = cpu()
  const result = task?.result
  if (result?.state !== 'completed')
    throw new Error(`the loop was not measured: ${result?.state ?? 'no task'}`)
  const operations = result.latency.samplesCount * operationsPerBody
  return {
    operations,
    seconds: result.totalTime / 1_000,
    figures: { processCpuUs: processUs / operations },
  }
}
