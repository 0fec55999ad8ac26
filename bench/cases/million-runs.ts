// Does memory stay flat over a million runs?

import type { BenchCase, Point, Question } from '../case.js'
import { MOONPOOL } from '../contenders.js'
import { checkLimiter } from '../limiter.js'
import { loadWork } from '../works.js'

/** With the full plan: a million. */
const RUNS_PER_PLANNED_MS = 2_500
const STEPS = 50
/** Compiled code and the heap find their size first. */
const SETTLED_STEP = 10
const IN_FLIGHT = 64
const MIB = 2 ** 20

const runsCase: BenchCase = {
  name: 'moonpool rate-limiter runs',
  contender: MOONPOOL.name,
  isSlow: true,
  goals: [{ figure: 'growthMiB', atMost: 16 }],
  open: async () => {
    const host = await MOONPOOL.open(loadWork('limiter'))
    const runSome = async (count: number): Promise<void> => {
      let left = count
      const lane = async (): Promise<void> => {
        while (left-- > 0) {
          await host.call('check_rate_limit', [`user${left % 1_000}`, 1e9, 3_600], 'tenant_123')
        }
      }
      await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
    }
    return {
      check: () => checkLimiter(host),
      measure: async (forMs) => {
        const runs = forMs * RUNS_PER_PLANNED_MS
        const startMs = performance.now()
        const series: Point[] = []
        for (let step = 1; step <= STEPS; step++) {
          await runSome(runs / STEPS)
          series.push({ x: (runs / STEPS) * step, y: process.memoryUsage.rss() / MIB })
        }
        const least = (points: readonly Point[]): number => Math.min(...points.map(({ y }) => y))
        const settled = least(series.slice(SETTLED_STEP, SETTLED_STEP * 2))
        return {
          operations: runs,
          seconds: (performance.now() - startMs) / 1_000,
          figures: { growthMiB: least(series.slice(-SETTLED_STEP)) - settled },
          series,
        }
      },
      cleanup: () => host.close(),
    }
  },
}

export const question: Question = {
  text: 'Does memory stay flat over a million runs?',
  cases: [runsCase],
  comparisons: [],
  plots: [{ kind: 'timeline', xLabel: 'runs', yLabel: 'RSS of the process, MiB' }],
}
