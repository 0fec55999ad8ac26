// HTTP load by autocannon (this file is its only user), from the bench's own process: 64 connections, one request at a
// time on each.

import { createHistogram } from 'node:perf_hooks'
import autocannon, { type Options, type Result } from 'autocannon'
import type { CountedWork } from '../case.js'
import { mainThreadCpuUs, processCpuUs } from '../cpu.js'
import { percentiles } from '../load.js'

export const CONNECTIONS = 64
const USERS = 100
const SAMPLE_MS = 20
/** Shorter than this, opening the connections is what one would measure. */
const MIN_LOAD_MS = 250
const NS_PER_MS = 1e6

export interface HttpTarget {
  readonly port: number
  /** The process whose main thread answers; then those that it asks. */
  readonly pids: readonly [number, ...number[]]
  stop(): Promise<void>
}

/** GET /limit/<user> for so long, or a little longer. Throws when an answer was anything but 200. CPU is the target's, not this one's. */
export async function loadLimiter({ port, pids }: HttpTarget, forMs: number): Promise<CountedWork> {
  const latencies = createHistogram()
  const statuses = new Map<number, number>()
  const readAll = (): number => pids.reduce((sum, pid) => sum + (processCpuUs(pid) ?? 0), 0)
  const [mainBefore, allBefore, startMs] = [mainThreadCpuUs(pids[0]), readAll(), performance.now()]
  let endMs = startMs
  const options: Options = {
    url: `http://127.0.0.1:${port}`,
    connections: CONNECTIONS,
    duration: Math.max(forMs, MIN_LOAD_MS) / 1_000,
    sampleInt: SAMPLE_MS,
    requests: Array.from({ length: USERS }, (_, n) => ({ path: `/limit/user${n}` })),
  }
  const { errors, timeouts } = await new Promise<Result>((resolve, reject) => {
    const done = (error: Error | null, result: Result): void => (error ? reject(error) : resolve(result))
    autocannon(options, done).on('response', (_client, status, _bytes, durationMs) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      latencies.record(Math.max(1, Math.round(durationMs * NS_PER_MS)))
      endMs = performance.now()
    })
  })
  const [mainAfter, allAfter] = [mainThreadCpuUs(pids[0]), readAll()]
  const operations = statuses.get(200) ?? 0
  if (errors + timeouts > 0 || statuses.size > 1) {
    throw new Error(`${errors} errors, ${timeouts} timeouts, answers: ${JSON.stringify([...statuses])}`)
  }
  return {
    operations,
    seconds: (endMs - startMs) / 1_000,
    figures: {
      ...percentiles(latencies),
      ...(mainBefore !== undefined && mainAfter !== undefined
        ? {
            mainCpuUs: (mainAfter - mainBefore) / operations,
            processCpuUs: (allAfter - allBefore) / operations,
          }
        : {}),
    },
  }
}
