// How long does a start take, and how much memory does each worker need?

import type { BenchCase, Question } from '../case.js'
import { FENGARI, MOONPOOL, NAIVE, NGINX, REDIS } from '../contenders.js'
import { probe } from '../probe.js'
import type { Contender } from '../script-host.js'

const MIB = 2 ** 20

function startCase(contender: Contender, threads: number): BenchCase {
  const work = threads === 1 ? 'start to the first result' : `start to the first result, ${threads} workers`
  const order = { threads, entries: 0, valueBytes: 0 }
  return {
    name: `${contender.name} ${work}`,
    contender: contender.name,
    work,
    isSlow: true,
    open: async () => ({
      // The probe itself checks each filling.
      check: async () => {},
      measure: async () => {
        const { startMs, openRssBytes } = await probe(contender, order)
        return { figures: { startMs, rssMiB: openRssBytes / MIB } }
      },
      cleanup: async () => {},
    }),
  }
}

export const question: Question = {
  text: 'How long does a start take, and how much memory does each worker need?',
  cases: [
    ...[MOONPOOL, NAIVE, FENGARI, REDIS, NGINX].map((contender) => startCase(contender, 1)),
    ...[2, 4].flatMap((threads) => [startCase(MOONPOOL, threads), startCase(NAIVE, threads)]),
  ],
  comparisons: [],
  plots: [
    { kind: 'bars', figure: 'startMs' },
    { kind: 'bars', figure: 'rssMiB' },
  ],
}
