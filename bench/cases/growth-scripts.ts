// Do runs stay as fast among more scripts?

import { createEngine } from '../../src/index.js'
import type { Question } from '../case.js'
import { inTurnQuestion, type OpenTurns } from '../in-turn.js'
import { checkLimiter } from '../limiter.js'
import { loadWork } from '../works.js'

const NAME = 'check_rate_limit'

async function openScripts(count: number): Promise<OpenTurns> {
  const engine = await createEngine({ threads: 1 })
  const { lua } = loadWork('limiter')
  // A comment makes each a script of its own.
  const load = (n: number): ReturnType<typeof engine.load> =>
    engine.load(`${lua}-- ${n}`, { name: `limiter-${n}.lua` })
  const scripts = await Promise.all(Array.from({ length: count }, (_, n) => load(n)))
  const scriptOf = (turn: number): (typeof scripts)[number] =>
    scripts[turn % count] as (typeof scripts)[number]
  return {
    check: async () => {
      let turn = 0
      await checkLimiter({
        run: () => Promise.reject(new Error('not used')),
        // Every call by another script: the cache is theirs together.
        call: (_name, args, cachePrefix) =>
          scriptOf(turn++).call(NAME, args as (string | number)[], { cachePrefix }),
        close: async () => {},
      })
    },
    run: (turn, isAlone) =>
      scriptOf(isAlone ? 0 : turn).call(NAME, [`user${turn % 1_000}`, 1e9, 3_600], {
        cachePrefix: 'tenant_123',
      }),
    close: () => engine.close(),
  }
}

export const question: Question = inTurnQuestion({
  text: 'Do runs stay as fast among more scripts?',
  xLabel: 'scripts, taken in turn',
  work: 'rate-limiter runs, 64 in flight, scripts:',
  counts: [1, 10, 100, 500],
  operationsPerRun: 1,
  open: openScripts,
})
