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
/** What a server does in the first second after a rest is not what it goes on doing. */
const LONGER_THAN_PLANNED = 8
const MIN_LOAD_MS = 300
const FIRST_ANSWERS = CONNECTIONS * 2
/** On a machine that is busy elsewhere the first try may end before anything was to be measured. */
const SECOND_TRY = 5
const NS_PER_MS = 1e6

export interface HttpTarget {
  readonly port: number
  /** The process whose main thread answers; then those that it asks. */
  readonly pids: readonly [number, ...number[]]
  stop(): Promise<void>
}

/** What the clock and the kernel say at one moment. */
interface Moment {
  readonly ms: number
  readonly mainUs: number
  readonly allUs: number
}

function readMoment(pids: HttpTarget['pids']): Moment {
  return {
    mainUs: mainThreadCpuUs(pids[0]) ?? Number.NaN,
    allUs: pids.reduce((sum, pid) => sum + (processCpuUs(pid) ?? Number.NaN), 0),
    ms: performance.now(),
  }
}

/**
 * GET /limit/<user> for several times as long as planned: connections must be opened and autocannon be warm, so
 * its first answers do not count. Throws when an answer was anything but 200. CPU is the target's, not this process's.
 */
export async function loadLimiter(target: HttpTarget, forMs: number): Promise<CountedWork> {
  const loadMs = Math.max(forMs * LONGER_THAN_PLANNED, MIN_LOAD_MS)
  const work = (await load(target, loadMs)) ?? (await load(target, loadMs * SECOND_TRY))
  if (work === undefined) throw new Error(`fewer than ${FIRST_ANSWERS} answers in ${loadMs * SECOND_TRY} ms`)
  return work
}

/** Undefined when it got no further than the first answers. */
async function load({ port, pids }: HttpTarget, loadMs: number): Promise<CountedWork | undefined> {
  const latencies = createHistogram()
  let [answers, refused, last] = [0, 0, performance.now()]
  let begin: Moment | undefined
  const options: Options = {
    url: `http://127.0.0.1:${port}`,
    connections: CONNECTIONS,
    duration: loadMs / 1_000,
    sampleInt: SAMPLE_MS,
    requests: Array.from({ length: USERS }, (_, n) => ({ path: `/limit/user${n}` })),
  }
  const { errors, timeouts } = await new Promise<Result>((resolve, reject) => {
    const done = (error: Error | null, result: Result): void => (error ? reject(error) : resolve(result))
    autocannon(options, done).on('response', (_client, status, _bytes, durationMs) => {
      answers++
      if (status !== 200) refused++
      if (begin === undefined) {
        if (answers === FIRST_ANSWERS) begin = readMoment(pids)
        return
      }
      latencies.record(Math.max(1, Math.round(durationMs * NS_PER_MS)))
      last = performance.now()
    })
  })
  const end = readMoment(pids)
  if (errors + timeouts + refused > 0) {
    throw new Error(`${errors} errors, ${timeouts} timeouts, ${refused} answers other than 200`)
  }
  const operations = answers - FIRST_ANSWERS
  if (begin === undefined || operations <= 0) return undefined
  const { ms, mainUs, allUs } = begin
  const mainCpuUs = (end.mainUs - mainUs) / operations
  return {
    operations,
    seconds: (last - ms) / 1_000,
    figures: {
      ...percentiles(latencies),
      ...(Number.isNaN(mainCpuUs) ? {} : { mainCpuUs, processCpuUs: (end.allUs - allUs) / operations }),
    },
  }
}
