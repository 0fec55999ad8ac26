// The rate limiter as work: the check that it limits, and the case that runs it. Its script is works/limiter.lua.

import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { BenchCase, Goal } from './case.js'
import { keepInFlight } from './load.js'
import type { Contender, ScriptHost } from './script-host.js'
import { loadWork } from './works.js'

const NAME = 'check_rate_limit'
const PREFIX = 'tenant_123'
const LONG_WINDOW_SECONDS = 3_600
const SHORT_WINDOW_SECONDS = 0.05
const PATIENCE_ATTEMPTS = 200

/** Waits until the short window is certainly over. */
export type PassTime = (ms: number) => Promise<void>

/** Exactly `limit` calls pass, windows end, prefixes are apart. Time is real unless a test moves it. */
export async function checkLimiter(host: ScriptHost, passTime: PassTime = (ms) => delay(ms)): Promise<void> {
  const ask = async (
    user: string,
    limit: number,
    windowSeconds: number,
    prefix = PREFIX,
  ): Promise<unknown> => {
    const results = await host.call(NAME, [user, limit, windowSeconds], prefix)
    assert.equal(results.length, 1)
    return results[0]
  }
  for (const limit of [1, 3, 100]) {
    for (let call = 1; call <= limit; call++) {
      assert.equal(await ask(`limit-${limit}`, limit, LONG_WINDOW_SECONDS), true, `call ${call} of ${limit}`)
    }
    assert.equal(await ask(`limit-${limit}`, limit, LONG_WINDOW_SECONDS), false, `beyond ${limit} calls`)
  }
  assert.equal(
    await ask('limit-3', 3, LONG_WINDOW_SECONDS, 'tenant_456'),
    true,
    'another prefix counts apart',
  )
  assert.equal(await ask('limit-3', 3, LONG_WINDOW_SECONDS), false, 'and leaves this one as it was')

  assert.equal(await ask('ttl', 1, SHORT_WINDOW_SECONDS), true)
  let allowed = false
  for (let attempt = 0; attempt < PATIENCE_ATTEMPTS && !allowed; attempt++) {
    await passTime(SHORT_WINDOW_SECONDS * 1_000)
    allowed = (await ask('ttl', 1, LONG_WINDOW_SECONDS)) === true
  }
  assert.ok(allowed, 'a window that ended allows again')
  assert.equal(await ask('ttl', 1, SHORT_WINDOW_SECONDS), false, 'the new window counts')
}

/** 1,000 users in turn, far from their limit: each run is one get and one put_ttl. */
export function limiterCase(
  contender: Contender,
  inFlight: number,
  { threads = 1, goals = [] }: { readonly threads?: number; readonly goals?: readonly Goal[] } = {},
): BenchCase {
  return {
    name: limiterName(contender, inFlight, threads),
    contender: contender.name,
    work: limiterWork(inFlight, threads),
    goals,
    open: async () => {
      const host = await contender.open(loadWork('limiter'), { threads })
      const users = Array.from({ length: 1_000 }, (_, n) => `user${n}`)
      let next = 0
      const runOne = (): Promise<unknown> =>
        host.call(NAME, [users[next++ % users.length], 1_000_000_000, LONG_WINDOW_SECONDS], PREFIX)
      return {
        check: () => checkLimiter(host),
        measure: (forMs) => keepInFlight(inFlight, forMs, runOne, host.serverPid),
        cleanup: () => host.close(),
      }
    },
  }
}

function limiterWork(inFlight: number, threads: number): string {
  return `rate limiter, ${inFlight} in flight${threads > 1 ? `, ${threads} workers` : ''}`
}

export function limiterName({ name }: Contender, inFlight: number, threads = 1): string {
  return `${name} ${limiterWork(inFlight, threads)}`
}
