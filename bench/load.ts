// The load generator: keeps a fixed number of runs in flight, for every subject and peer the same way. Its own cost
// (a few hundred nanoseconds a run) is part of the main thread's CPU figure, on both sides of a comparison.

import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks'
import type { CountedWork } from './case.js'
import { startCpuCount } from './cpu.js'
import type { Figures } from './figures.js'

const NS_PER_MS = 1e6
const US_PER_NS = 1e-3

/** With several in flight the clock is looked at once in so many runs: a look costs as much as a small run's share. */
const RUNS_PER_LOOK = 8

/** Latencies are kept only with one run in flight: with more, they measure the queue that this generator makes. */
export async function keepInFlight(
  inFlight: number,
  forMs: number,
  run: () => Promise<unknown>,
  serverPid?: number,
): Promise<CountedWork> {
  const cpu = startCpuCount(serverPid)
  const startMs = performance.now()
  const endMs = startMs + forMs
  const { operations, latencies } =
    inFlight === 1 ? await timeEach(endMs, run) : await countAll(inFlight, endMs, run)
  const seconds = (performance.now() - startMs) / 1_000
  const { mainUs, processUs } = cpu()
  return {
    operations,
    seconds,
    figures: {
      ...(mainUs === undefined ? {} : { mainCpuUs: mainUs / operations }),
      processCpuUs: processUs / operations,
      ...(latencies === undefined ? {} : percentiles(latencies)),
    },
  }
}

interface Done {
  readonly operations: number
  readonly latencies?: RecordableHistogram
}

async function timeEach(endMs: number, run: () => Promise<unknown>): Promise<Done> {
  const latencies = createHistogram()
  let operations = 0
  let nowMs = performance.now()
  while (nowMs < endMs) {
    const begunMs = nowMs
    await run()
    operations++
    nowMs = performance.now()
    latencies.record(Math.max(1, Math.round((nowMs - begunMs) * NS_PER_MS)))
  }
  return { operations, latencies }
}

async function countAll(inFlight: number, endMs: number, run: () => Promise<unknown>): Promise<Done> {
  let operations = 0
  let isOver = false
  const lane = async (): Promise<void> => {
    while (!isOver) {
      await run()
      if (++operations % RUNS_PER_LOOK === 0) isOver = performance.now() >= endMs
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return { operations }
}

/** Of nanoseconds. */
export function percentiles(latencies: RecordableHistogram): Figures {
  const us = (percentile: number): number => latencies.percentile(percentile) * US_PER_NS
  return { p50Us: us(50), p90Us: us(90), p99Us: us(99), p999Us: us(99.9) }
}
