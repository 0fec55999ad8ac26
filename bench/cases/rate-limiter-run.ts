// How many rate-limiter runs a second, one run per request, and what do they cost the main thread?

import type { BenchCase, Comparison, Question } from '../case.js'
import { FENGARI, MOONPOOL, NAIVE, PLAIN_JS, REDIS_FROM_NODE } from '../contenders.js'
import { limiterCase, limiterName } from '../limiter.js'
import type { Contender } from '../script-host.js'

const IN_FLIGHT = [1, 8, 64] as const

/** Redis is asked by each client in each form where it counts, 64 in flight; else by the fastest of them. */
const REDIS_BY_IOREDIS = REDIS_FROM_NODE.filter(({ name }) => name.startsWith('Redis'))
const redisPeers = (inFlight: number): readonly Contender[] =>
  inFlight === 64 ? REDIS_FROM_NODE : REDIS_BY_IOREDIS

function casesAt(inFlight: (typeof IN_FLIGHT)[number]): BenchCase[] {
  const goals = {
    1: [{ figure: 'p50Us', atMost: 60 }],
    8: [],
    64: [
      { figure: 'perSecond', atLeast: 200_000 },
      { figure: 'mainCpuUs', atMost: 3 },
    ],
  } as const
  const peers = [NAIVE, ...redisPeers(inFlight), ...(inFlight === 8 ? [] : [PLAIN_JS, FENGARI])]
  return [
    limiterCase(MOONPOOL, inFlight, { goals: goals[inFlight] }),
    ...peers.map((peer) => limiterCase(peer, inFlight)),
    ...(inFlight === 1
      ? []
      : [limiterCase(MOONPOOL, inFlight, { threads: 2 }), limiterCase(NAIVE, inFlight, { threads: 2 })]),
  ]
}

const against = (peer: string, atLeast: number): Comparison => ({
  subject: limiterName(MOONPOOL, 64),
  peer: `${peer} rate limiter, 64 in flight`,
  atLeast,
})

export const question: Question = {
  text: 'How many rate-limiter runs a second, one run per request, and what do they cost the main thread?',
  cases: IN_FLIGHT.flatMap(casesAt),
  comparisons: [
    against('Redis EVALSHA', 4),
    against(NAIVE.name, 30),
    { subject: limiterName(MOONPOOL, 64), peer: limiterName(NAIVE, 64), figure: 'mainCpuUs' },
    { subject: limiterName(MOONPOOL, 64, 2), peer: limiterName(MOONPOOL, 64) },
  ],
  plots: [{ kind: 'bars', figure: 'perSecond' }, { kind: 'bars', figure: 'mainCpuUs' }, { kind: 'latency' }],
}
