// Engines for tests: each closes by itself when its test ends, and the test fails if anything of it is left.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { createClockOrigin, shiftClock } from '../../src/clock.js'
import { createEngineWith } from '../../src/engine.js'
import type { Engine, EngineOptions } from '../../src/index.js'

export interface TimedEngine {
  readonly engine: Engine
  /**
   * Lets that much time pass for every TTL, at once, and the millisecond by which an entry's end may have been rounded
   * up. Call it while nothing runs.
   */
  readonly passMs: (ms: number) => void
}

/** A busy machine must not fail a test. */
const TIMEOUT_MS = 60_000

/** An engine whose TTL clock the test moves. One thread and a long timeout unless the options say otherwise. */
export async function startTimedEngine(t: TestContext, options: EngineOptions = {}): Promise<TimedEngine> {
  const clockOrigin = createClockOrigin(true)
  const engine = await createEngineWith(
    { threads: 1, ...options, limits: { timeoutMs: TIMEOUT_MS, ...options.limits } },
    { clockOrigin },
  )
  t.after(async () => {
    await engine.close()
    const { threads, queued, running } = engine.stats()
    assert.deepEqual({ threads, queued, running }, { threads: 0, queued: 0, running: 0 }, 'left after close')
  })
  return { engine, passMs: (ms) => shiftClock(clockOrigin, ms + 1) }
}

export async function startEngine(t: TestContext, options?: EngineOptions): Promise<Engine> {
  const { engine } = await startTimedEngine(t, options)
  return engine
}

/** Runs a chunk of Lua for a tenant and gives its first value. */
export function lua(engine: Engine, source: string, cachePrefix = 'tenant'): Promise<unknown> {
  return engine.eval<unknown>(source, [], { cachePrefix })
}
