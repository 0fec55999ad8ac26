// How long is a worker missing when its thread has to be ended?
//
// A run inside one C function meets no hook, so its thread is ended and another takes its place. Read is the time from the
// run's deadline and grace time until the run behind it has its result: the wait for the next look, the thread's end, and
// another one's first run.

import assert from 'node:assert/strict'
import type { BenchCase, OpenCase, Question } from '../case.js'
import { MOONPOOL, NAIVE } from '../contenders.js'
import { openNaive } from '../peers/naive/naive-pool.js'
import { median } from '../statistics.js'
import { loadWork } from '../works.js'

const TIMEOUT_MS = 20
const GRACE_MS = 20
const PREFIX = 'tenant_123'
/** Until whoever is to take over next has booted, too. */
const REST_MS = 300
const KILLS_PER_PLANNED_MS = 1 / 50
const WORK = 'a thread ended, another at work'
const MOST_MS = 100

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Victim {
  /** Calls a function that does not come back, with `TIMEOUT_MS` and `GRACE_MS`, and another behind it. */
  readonly sacrifice: () => Promise<readonly unknown[]>
  readonly close: () => Promise<void>
}

async function openMoonpool(spareThreads: 0 | 1): Promise<Victim> {
  const { createEngine } = await import('../../src/index.js')
  const engine = await createEngine({ threads: 1, spareThreads, limits: { graceMs: GRACE_MS } })
  const script = await engine.load(loadWork('stuck').lua)
  return {
    sacrifice: async () => {
      const stuck = script.call('stuck', [], { cachePrefix: PREFIX, timeoutMs: TIMEOUT_MS })
      const [next] = await Promise.all([
        script.call('double', [21], { cachePrefix: PREFIX, timeoutMs: 60_000 }),
        assert.rejects(stuck, { code: 'MOONPOOL_TIMEOUT' }),
      ])
      return next
    },
    close: () => engine.close(),
  }
}

/** What one would do by hand: end the pool, start another. */
async function openByHand(): Promise<Victim> {
  const { lua } = loadWork('stuck')
  let host = await openNaive(lua)
  return {
    sacrifice: async () => {
      const stuck = assert.rejects(host.call('stuck', [], PREFIX))
      await rest(TIMEOUT_MS + GRACE_MS)
      await Promise.all([host.close(), stuck])
      host = await openNaive(lua)
      return host.call('double', [21], PREFIX)
    },
    close: () => host.close(),
  }
}

async function openVictim(opening: Promise<Victim>): Promise<OpenCase> {
  const victim = await opening
  const readBackMs = async (): Promise<number> => {
    await rest(REST_MS)
    const startMs = performance.now()
    assert.deepEqual(await victim.sacrifice(), [42])
    return performance.now() - startMs - TIMEOUT_MS - GRACE_MS
  }
  return {
    check: async () => void (await readBackMs()),
    measure: async (forMs) => {
      const backMs: number[] = []
      const kills = Math.max(1, forMs * KILLS_PER_PLANNED_MS)
      for (let kill = 0; kill < kills; kill++) backMs.push(await readBackMs())
      return { figures: { backMs: median(backMs), latestBackMs: Math.max(...backMs) } }
    },
    cleanup: () => victim.close(),
  }
}

const [WITH, WITHOUT] = ['moonpool, a spare thread', 'moonpool, no spare thread']
const BY_HAND = 'naive, another pool'
const moonpool = { contender: MOONPOOL.name, isSlow: true } as const

const cases: readonly BenchCase[] = [
  {
    name: WITH,
    ...moonpool,
    work: WORK,
    goals: [{ figure: 'latestBackMs', atMost: MOST_MS }],
    open: () => openVictim(openMoonpool(1)),
  },
  { name: WITHOUT, ...moonpool, open: () => openVictim(openMoonpool(0)) },
  {
    name: BY_HAND,
    contender: NAIVE.name,
    work: WORK,
    isSlow: true,
    open: () => openVictim(openByHand()),
  },
]

export const question: Question = {
  text: 'How long is a worker missing when its thread has to be ended?',
  cases,
  comparisons: [{ subject: WITH, peer: WITHOUT, figure: 'backMs' }],
  plots: [{ kind: 'bars', figure: 'backMs' }],
}
