// How many session runs a second: find the visitor's session, note the visit, keep it?

import assert from 'node:assert/strict'
import type { BenchCase, Question } from '../case.js'
import { FENGARI, MOONPOOL, NAIVE, PLAIN_JS, REDIS_FROM_NODE } from '../contenders.js'
import { keepInFlight } from '../load.js'
import type { Contender } from '../script-host.js'
import { loadWork } from '../works.js'

const PREFIX = 'tenant_123'
const VISITORS = 1_000

function sessionCase(contender: Contender, inFlight: number, threads = 1): BenchCase {
  const work = `session, ${inFlight} in flight${threads > 1 ? `, ${threads} workers` : ''}`
  return {
    name: `${contender.name} ${work}`,
    contender: contender.name,
    work,
    open: async () => {
      const host = await contender.open(loadWork('session'), { threads })
      let next = 0
      const visit = (n: number, prefix = PREFIX): Promise<readonly unknown[]> =>
        host.call('visit', [`abc${n}`, `user${n}`], prefix)
      return {
        check: async () => {
          for (let visits = 1; visits <= 3; visits++) assert.deepEqual(await visit(-1), [visits])
          assert.deepEqual(await visit(-2), [1], 'another session counts apart')
          assert.deepEqual(await visit(-1, 'tenant_456'), [1], 'another prefix counts apart')
        },
        measure: (forMs) => keepInFlight(inFlight, forMs, () => visit(next++ % VISITORS), host.serverPid),
        cleanup: () => host.close(),
      }
    },
  }
}

const REDIS_BY_IOREDIS = REDIS_FROM_NODE.filter(({ name }) => name.startsWith('Redis'))

function casesAt(inFlight: number): BenchCase[] {
  const peers = [NAIVE, ...REDIS_BY_IOREDIS, ...(inFlight === 8 ? [] : [PLAIN_JS, FENGARI])]
  return [
    sessionCase(MOONPOOL, inFlight),
    ...peers.map((peer) => sessionCase(peer, inFlight)),
    ...(inFlight === 1 ? [] : [sessionCase(MOONPOOL, inFlight, 2), sessionCase(NAIVE, inFlight, 2)]),
  ]
}

export const question: Question = {
  text: `How many session runs a second: find the visitor's session, note the visit, keep it?`,
  cases: [1, 8, 64].flatMap(casesAt),
  comparisons: [
    { subject: 'moonpool session, 64 in flight, 2 workers', peer: 'moonpool session, 64 in flight' },
  ],
  plots: [{ kind: 'bars', figure: 'perSecond' }, { kind: 'bars', figure: 'mainCpuUs' }, { kind: 'latency' }],
}
