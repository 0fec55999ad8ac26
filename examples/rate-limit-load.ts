// The document's rate limiter under load for a while: one run a request, many users, a fixed number in flight.

import { createHistogram, performance } from 'node:perf_hooks'
import type { Engine } from 'moonpool'
import { rateLimiterSource } from './seed-cases.js'

const IN_FLIGHT = 64
const USERS = 1000
const LIMIT = 100
const WINDOW_SECONDS = 3600

export interface LoadFigures {
  readonly seconds: number
  readonly runs: number
  readonly allowed: number
  readonly runsPerSecond: number
  readonly p50Us: number
  readonly p99Us: number
}

/** Asks for runs until `durationMs` is over; `onProgress` gets the milliseconds that have passed, now and then. */
export async function loadRateLimiter(
  engine: Engine,
  durationMs: number,
  onProgress: (passedMs: number) => void,
): Promise<LoadFigures> {
  const script = await engine.load(rateLimiterSource(), { name: 'rate-limit.lua' })
  const latency = createHistogram()
  const startMs = performance.now()
  let runs = 0
  let allowed = 0

  const askAgainAndAgain = async (): Promise<void> => {
    for (let nowMs = performance.now(); nowMs - startMs < durationMs; ) {
      const user = `user${runs++ % USERS}`
      const [isAllowed] = await script.call('check_rate_limit', [user, LIMIT, WINDOW_SECONDS], {
        cachePrefix: 'tenant_123',
      })
      if (isAllowed === true) allowed++
      const endMs = performance.now()
      latency.record(Math.max(1, Math.round((endMs - nowMs) * 1e6)))
      nowMs = endMs
      if (runs % 1024 === 0) onProgress(nowMs - startMs)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, askAgainAndAgain))

  const seconds = (performance.now() - startMs) / 1000
  return {
    seconds,
    runs,
    allowed,
    runsPerSecond: runs / seconds,
    p50Us: latency.percentile(50) / 1000,
    p99Us: latency.percentile(99) / 1000,
  }
}
