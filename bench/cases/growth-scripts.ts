// Do runs stay as fast among more scripts?

import { createEngine } from '../../src/index.js'
import type { BenchCase, Comparison, Question } from '../case.js'
import { MOONPOOL } from '../contenders.js'
import { growthName } from '../growth-cases.js'
import { checkLimiter } from '../limiter.js'
import { keepInFlight } from '../load.js'
import { loadWork } from '../works.js'

const COUNTS = [1, 10, 100, 500]
const WORK = 'rate-limiter runs, 64 in flight, scripts:'

function scriptsCase(count: number): BenchCase {
  return {
    name: growthName(MOONPOOL, { work: WORK, x: count }),
    contender: MOONPOOL.name,
    work: WORK,
    x: count,
    open: async () => {
      const engine = await createEngine({ threads: 1 })
      const { lua } = loadWork('limiter')
      // A comment makes each a script of its own.
      const load = (n: number): ReturnType<typeof engine.load> =>
        engine.load(`${lua}-- ${n}`, { name: `limiter-${n}.lua` })
      const scripts = await Promise.all(Array.from({ length: count }, (_, n) => load(n)))
      const call = (
        n: number,
        args: readonly (string | number)[],
        cachePrefix: string,
      ): Promise<readonly unknown[]> =>
        (scripts[n % count] as (typeof scripts)[number]).call('check_rate_limit', args, { cachePrefix })
      let next = 0
      return {
        check: async () => {
          let turn = 0
          await checkLimiter({
            run: () => Promise.reject(new Error('not used')),
            // Every call by another script: the cache is theirs together.
            call: (_name, args, prefix) => call(turn++, args as (string | number)[], prefix),
            close: async () => {},
          })
        },
        measure: (forMs) =>
          keepInFlight(64, forMs, () => call(next++, [`user${next % 1_000}`, 1e9, 3_600], 'tenant_123')),
        cleanup: () => engine.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'Do runs stay as fast among more scripts?',
  cases: COUNTS.map(scriptsCase),
  comparisons: COUNTS.slice(1).map(
    (x): Comparison => ({
      subject: growthName(MOONPOOL, { work: WORK, x }),
      peer: growthName(MOONPOOL, { work: WORK, x: 1 }),
      figure: 'eachUs',
      atMost: 1.3,
    }),
  ),
  plots: [{ kind: 'growth', figure: 'eachUs', xLabel: 'scripts, taken in turn' }],
}
