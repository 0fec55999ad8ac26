// Do runs stay as fast among more tenants?

import assert from 'node:assert/strict'
import type { BenchCase, Comparison, Question } from '../case.js'
import { MOONPOOL } from '../contenders.js'
import { growthName } from '../growth-cases.js'
import { keepInFlight } from '../load.js'
import { loadWork } from '../works.js'

const COUNTS = [1, 10, 100, 1_000]
const ENTRIES_EACH = 50
const READS_PER_RUN = 100
const WORK = '100 reads in a run, prefixes:'

function prefixCase(prefixes: number): BenchCase {
  return {
    name: growthName(MOONPOOL, { work: WORK, x: prefixes }),
    contender: MOONPOOL.name,
    work: WORK,
    x: prefixes,
    open: async () => {
      const host = await MOONPOOL.open(loadWork('round-trip'))
      const prefixOf = (n: number): string => `tenant_${n % prefixes}`
      let next = 0
      const readOne = (): Promise<readonly unknown[]> =>
        host.call('read', [`user:${next % ENTRIES_EACH}`, READS_PER_RUN], prefixOf(next++))
      return {
        check: async () => {
          for (let n = 0; n < prefixes; n++) {
            for (let entry = 0; entry < ENTRIES_EACH; entry++) {
              await host.call('write', [`user:${entry}`, `value of ${n}`], prefixOf(n))
            }
          }
          for (let n = 0; n < prefixes; n++) {
            assert.deepEqual(await host.call('read', ['user:7', 1], prefixOf(n)), [`value of ${n}`])
          }
        },
        measure: async (forMs) => {
          const { operations, seconds } = await keepInFlight(64, forMs, readOne)
          return { operations: operations * READS_PER_RUN, seconds }
        },
        cleanup: () => host.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'Do runs stay as fast among more tenants?',
  cases: COUNTS.map(prefixCase),
  comparisons: COUNTS.slice(1).map(
    (x): Comparison => ({
      subject: growthName(MOONPOOL, { work: WORK, x }),
      peer: growthName(MOONPOOL, { work: WORK, x: 1 }),
      figure: 'eachUs',
      atMost: 1.3,
    }),
  ),
  plots: [{ kind: 'growth', figure: 'eachUs', xLabel: 'prefixes, 50 entries each' }],
}
