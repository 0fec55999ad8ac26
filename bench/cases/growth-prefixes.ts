// Do runs stay as fast among more tenants?

import assert from 'node:assert/strict'
import type { Question } from '../case.js'
import { MOONPOOL } from '../contenders.js'
import { inTurnQuestion, type OpenTurns } from '../in-turn.js'
import { loadWork } from '../works.js'

const ENTRIES_EACH = 50
const READS_PER_RUN = 100

async function openPrefixes(prefixes: number): Promise<OpenTurns> {
  const host = await MOONPOOL.open(loadWork('round-trip'))
  const prefixOf = (n: number): string => `tenant_${n % prefixes}`
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
    run: (turn, isAlone) =>
      host.call('read', [`user:${turn % ENTRIES_EACH}`, READS_PER_RUN], prefixOf(isAlone ? 0 : turn)),
    close: () => host.close(),
  }
}

export const question: Question = inTurnQuestion({
  text: 'Do runs stay as fast among more tenants?',
  xLabel: 'prefixes, 50 entries each',
  work: '100 reads in a run, prefixes:',
  counts: [1, 10, 100, 1_000],
  operationsPerRun: READS_PER_RUN,
  open: openPrefixes,
})
