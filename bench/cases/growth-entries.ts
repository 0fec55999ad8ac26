// Does a read stay as fast among more entries?

import type { Comparison, Question } from '../case.js'
import { MOONPOOL, NGINX, PLAIN_JS } from '../contenders.js'
import { type GrowthStep, growthCase, growthName } from '../growth-cases.js'

const SIZES = [1_000, 10_000, 50_000]
const VALUE_BYTES = 20
const HOT = '1,000 hot keys, entries:'
const ALL = 'all keys, entries:'

const step = (work: string, entries: number): GrowthStep => ({
  work,
  x: entries,
  entries,
  valueBytes: VALUE_BYTES,
  call: work === HOT ? 'read_hot' : 'read_all',
})

const name = (contender: typeof MOONPOOL, work: string, x: number): string =>
  growthName(contender, { work, x })

const growth = (contender: typeof MOONPOOL): Comparison => ({
  subject: name(contender, ALL, 50_000),
  peer: name(contender, ALL, 1_000),
  figure: 'eachUs',
})

export const question: Question = {
  text: 'Does a read stay as fast among more entries?',
  cases: [HOT, ALL].flatMap((work) =>
    SIZES.flatMap((entries) =>
      [MOONPOOL, PLAIN_JS, NGINX].map((contender) => growthCase(contender, step(work, entries))),
    ),
  ),
  comparisons: [
    ...SIZES.slice(1).map(
      (entries): Comparison => ({
        subject: name(MOONPOOL, HOT, entries),
        peer: name(MOONPOOL, HOT, 1_000),
        figure: 'eachUs',
        atMost: 1.3,
      }),
    ),
    // Entries that do not fit the processor's caches cost everybody.
    { ...growth(MOONPOOL), atMostAs: growth(PLAIN_JS) },
    growth(PLAIN_JS),
  ],
  plots: [{ kind: 'growth', figure: 'eachUs', xLabel: 'entries' }],
}
