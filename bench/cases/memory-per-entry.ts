// How much memory do 50,000 entries of 100 bytes take, beyond their bytes?

import type { BenchCase, Question } from '../case.js'
import { FENGARI, MOONPOOL, PLAIN_JS, REDIS } from '../contenders.js'
import { probe } from '../probe.js'
import type { Contender } from '../script-host.js'

const ENTRIES = 50_000
const VALUE_BYTES = 100
/** user:1 … user:50000 */
const KEY_BYTES = 10
const MIB = 2 ** 20
const WORK = '50,000 entries of 100 bytes'

function memoryCase(contender: Contender): BenchCase {
  return {
    name: `${contender.name} ${WORK}`,
    contender: contender.name,
    work: WORK,
    isSlow: true,
    goals: contender === MOONPOOL ? [{ figure: 'overheadMiB', atMost: 15 }] : [],
    open: async () => ({
      // The probe itself checks each filling.
      check: async () => {},
      measure: async () => {
        const { openRssBytes, filledRssBytes } = await probe(contender, {
          threads: 1,
          entries: ENTRIES,
          valueBytes: VALUE_BYTES,
        })
        const overheadBytes = filledRssBytes - openRssBytes - ENTRIES * (VALUE_BYTES + KEY_BYTES)
        return { figures: { overheadMiB: overheadBytes / MIB, overheadBytes: overheadBytes / ENTRIES } }
      },
      cleanup: async () => {},
    }),
  }
}

export const question: Question = {
  text: 'How much memory do 50,000 entries of 100 bytes take, beyond their bytes?',
  cases: [MOONPOOL, PLAIN_JS, REDIS, FENGARI].map(memoryCase),
  comparisons: [],
  plots: [{ kind: 'bars', figure: 'overheadBytes' }],
}
