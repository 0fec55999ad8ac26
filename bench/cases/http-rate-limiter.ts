// How many HTTP requests a second does a server answer that asks a rate limiter at each?

import assert from 'node:assert/strict'
import type { BenchCase, Comparison, Question } from '../case.js'
import { MOONPOOL, MOONPOOL_YIELDING, NAIVE, NGINX, PLAIN_JS, REDIS_FROM_NODE } from '../contenders.js'
import { CONNECTIONS, loadLimiter } from '../http/http-load.js'
import { openHttpTarget } from '../http/http-target.js'
import type { Contender } from '../script-host.js'

const WORK = `HTTP rate limiter, ${CONNECTIONS} connections`
const caseName = ({ name }: Contender): string => `${name} ${WORK}`

function httpCase(contender: Contender): BenchCase {
  return {
    name: caseName(contender),
    contender: contender.name,
    work: WORK,
    open: async () => {
      const target = await openHttpTarget(contender)
      const status = async (user: string): Promise<number> => {
        const response = await fetch(`http://127.0.0.1:${target.port}/limit/${user}`)
        await response.text()
        return response.status
      }
      return {
        check: async () => {
          for (let n = 0; n < 3; n++) assert.equal(await status('ann'), 200)
          for (const user of ['once-a', 'once-b']) {
            assert.deepEqual([await status(user), await status(user)], [200, 429])
          }
        },
        measure: (forMs) => loadLimiter(target, forMs),
        cleanup: () => target.stop(),
      }
    },
  }
}

/** What is compared most closely stands side by side: a shared machine drifts from one second to the next. */
const CONTENDERS = [
  MOONPOOL,
  PLAIN_JS,
  MOONPOOL_YIELDING,
  NGINX,
  ...REDIS_FROM_NODE.filter(({ name }) => name.startsWith('Redis')),
  NAIVE,
]

type Bound = Omit<Comparison, 'subject' | 'peer'>

const against = (peer: Contender, bound: Bound, subject: Contender = MOONPOOL): Comparison => ({
  subject: caseName(subject),
  peer: caseName(peer),
  ...bound,
})

export const question: Question = {
  text: 'How many HTTP requests a second does a server answer that asks a rate limiter at each?',
  cases: CONTENDERS.map(httpCase),
  comparisons: [
    against(PLAIN_JS, { atLeast: 0.75 }),
    against(PLAIN_JS, { figure: 'mainCpuUs', atMost: 1.25 }),
    against(PLAIN_JS, { atLeast: 0.75 }, MOONPOOL_YIELDING),
    against(PLAIN_JS, { figure: 'mainCpuUs', atMost: 1.25 }, MOONPOOL_YIELDING),
    against(NGINX, {}),
  ],
  plots: [{ kind: 'bars', figure: 'perSecond' }, { kind: 'bars', figure: 'mainCpuUs' }, { kind: 'latency' }],
}
