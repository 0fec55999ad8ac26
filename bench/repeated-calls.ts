// Work that is too short to be one run each: a run does it many times over, so that what is read is the work and not
// the way there. How many times is found while warming up.

import type { CountedWork } from './case.js'
import { startCpuCount } from './cpu.js'
import type { ScriptHost } from './script-host.js'

/** A call of at least so long makes the way there, HTTP included, a small part of it. */
const MIN_CALL_MS = 10
const MAX_TIMES = 2 ** 22

export const PREFIX = 'tenant_123'

export interface RepeatedCall {
  readonly name: string
  /** Before the last one, which says how many times. */
  readonly args: readonly unknown[]
}

/** Measures calls of `name(...args, times)`; each counts as `times` operations. */
export function createRepeater(
  host: ScriptHost,
  { name, args }: RepeatedCall,
): (forMs: number) => Promise<CountedWork> {
  let times = 16
  return async (forMs) => {
    const cpu = startCpuCount(host.serverPid)
    const startMs = performance.now()
    let [operations, nowMs] = [0, startMs]
    while (nowMs - startMs < forMs) {
      await host.call(name, [...args, times], PREFIX)
      operations += times
      const begunMs = nowMs
      nowMs = performance.now()
      if (nowMs - begunMs < MIN_CALL_MS && times < MAX_TIMES) times *= 2
    }
    return {
      operations,
      seconds: (nowMs - startMs) / 1_000,
      figures: { processCpuUs: cpu().processUs / operations },
    }
  }
}
