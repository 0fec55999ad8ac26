// How much more do more workers compute?

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import type { BenchCase, Question } from '../case.js'
import { MOONPOOL, NAIVE } from '../contenders.js'
import { growthName } from '../growth-cases.js'
import { keepInFlight } from '../load.js'
import type { Contender } from '../script-host.js'
import { loadWork } from '../works.js'

/** More workers than cores compute no more. */
const COUNTS = [1, 2, 4, 8].filter((count) => count <= Math.max(2, availableParallelism()))
const WORK = 'fib(20) in a run, workers:'

function workersCase(contender: Contender, threads: number): BenchCase {
  return {
    name: growthName(contender, { work: WORK, x: threads }),
    contender: contender.name,
    work: WORK,
    x: threads,
    open: async () => {
      const host = await contender.open(loadWork('compute'), { threads })
      const fib = (): Promise<readonly unknown[]> => host.call('fib', [1], 'tenant_123')
      return {
        check: async () => assert.deepEqual(await fib(), [6_765]),
        measure: (forMs) => keepInFlight(threads * 4, forMs, fib),
        cleanup: () => host.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'How much more do more workers compute?',
  cases: COUNTS.flatMap((threads) => [workersCase(MOONPOOL, threads), workersCase(NAIVE, threads)]),
  comparisons: [
    {
      subject: growthName(MOONPOOL, { work: WORK, x: 2 }),
      peer: growthName(MOONPOOL, { work: WORK, x: 1 }),
      atLeast: 1.8,
    },
  ],
  plots: [{ kind: 'growth', figure: 'perSecond', xLabel: 'workers', isLinear: true }],
}
