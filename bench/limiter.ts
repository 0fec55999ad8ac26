// The seed's rate limiter as work: its script, the check that it limits, and the case that runs it.

import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { BenchCase, Goal } from './case.js'
import { keepInFlight } from './load.js'
import type { Contender, ScriptHost } from './script-host.js'

/** `check_rate_limit` as in examples/seed/13-rate-limit.lua, without its usage lines. */
export const LIMITER_SOURCE = `
function check_rate_limit(user_id, limit, window_seconds)
  local key = "rate_limit:" .. user_id
  local current = cache.get(key, 0)
  if current >= limit then
    return false -- Rate limit exceeded
  end
  -- Increment counter
  cache.put_ttl(key, current + 1, window_seconds)
  return true -- Request allowed
end
`

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
export function limiterCase(contender: Contender, inFlight: number, goals: readonly Goal[] = []): BenchCase {
  return {
    name: limiterName(contender, inFlight),
    goals,
    open: async () => {
      const host = await contender.open(LIMITER_SOURCE)
      const users = Array.from({ length: 1_000 }, (_, n) => `user${n}`)
      let next = 0
      const runOne = (): Promise<unknown> =>
        host.call(NAME, [users[next++ % users.length], 1_000_000_000, LONG_WINDOW_SECONDS], PREFIX)
      return {
        check: () => checkLimiter(host),
        measure: (forMs) => keepInFlight(inFlight, forMs, runOne),
        cleanup: () => host.close(),
      }
    },
  }
}

export function limiterName({ name }: Contender, inFlight: number): string {
  return `${name} rate limiter, ${inFlight} in flight`
}
