// What does it cost to count instructions (`limits.instructions`)?
//
// Two engines in one process, one of which counts, do the same runs of 10 ms and more, in turn: how many times as long the
// counting one takes.

import assert from 'node:assert/strict'
import { createEngine, type Engine, type Script } from '../../src/index.js'
import type { BenchCase, OpenCase, Question } from '../case.js'
import { countRounds, pairRounds, type Way } from '../paired.js'
import { median } from '../statistics.js'
import { loadWork } from '../works.js'

/** Functions of works/compute.lua; how often they do their work in one run of some 10 ms. */
const WORKS = [
  { name: 'spin', work: 'a tight loop', times: 500_000, onceGives: 1 },
  { name: 'fib', work: 'calls (fib)', times: 8, onceGives: 6_765 },
  { name: 'tables', work: 'tables made and walked', times: 200, onceGives: 1_375 },
  { name: 'strings', work: 'strings formatted, joined, searched', times: 60, onceGives: 1_500 },
] as const

const MORE_THAN_ANY_RUN_TAKES = 1e12
const TIMEOUT_MS = 60_000
const ROUND_MS = 25

async function openEngine(instructions?: number): Promise<{ engine: Engine; script: Script }> {
  const limits = { timeoutMs: TIMEOUT_MS, ...(instructions !== undefined && { instructions }) }
  const engine = await createEngine({ threads: 1, limits })
  return { engine, script: await engine.load(loadWork('compute').lua, { name: 'compute.lua' }) }
}

async function openPair({ name, times, onceGives }: (typeof WORKS)[number]): Promise<OpenCase> {
  const [plain, counting] = await Promise.all([openEngine(), openEngine(MORE_THAN_ANY_RUN_TAKES)])
  const way =
    (script: Script): Way =>
    async (forMs) => {
      const startMs = performance.now()
      let runs = 0
      let nowMs = startMs
      do {
        await script.call(name, [times])
        runs++
        nowMs = performance.now()
      } while (nowMs - startMs < forMs)
      return runs / (nowMs - startMs)
    }
  return {
    check: async () => {
      for (const { script } of [plain, counting]) {
        assert.deepEqual(await script.call(name, [1]), [onceGives])
        await way(script)(ROUND_MS)
      }
    },
    measure: async (forMs) => {
      const rounds = countRounds(forMs / 2, ROUND_MS)
      const ratios = await pairRounds(rounds, ROUND_MS, way(plain.script), way(counting.script))
      return { figures: { timesAsLong: median(ratios) } }
    },
    cleanup: async () => {
      await Promise.all([plain.engine.close(), counting.engine.close()])
    },
  }
}

export const question: Question = {
  text: 'What does it cost to count instructions (`limits.instructions`)?',
  cases: WORKS.map(
    (work): BenchCase => ({
      name: `moonpool, ${work.work}`,
      contender: 'moonpool',
      isSlow: true,
      open: () => openPair(work),
    }),
  ),
  comparisons: [],
  plots: [{ kind: 'bars', figure: 'timesAsLong' }],
}
