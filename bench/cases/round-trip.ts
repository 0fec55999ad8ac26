// How long is one synchronous round trip worker → main → worker, and a rate-limiter run against it?
//
// What a peer pays that asks the main thread for each read: a bare trip with nothing around (the floor, by four ways of
// waiting). Beside it one `cache.get` inside a long run, which makes no trip here, and a whole rate-limiter run.

import assert from 'node:assert/strict'
import type { BenchCase, Question } from '../case.js'
import { MOONPOOL, NAIVE } from '../contenders.js'
import { limiterCase, limiterName } from '../limiter.js'
import { keepInFlight } from '../load.js'
import type { Carrier } from '../peers/atomics/cells.js'
import { openRoundTrip } from '../peers/atomics/round-trip.js'
import type { Contender } from '../script-host.js'
import { loadWork } from '../works.js'

const CARRIERS: readonly Carrier[] = [
  { name: 'bare trip, main blocked, worker sleeps', main: 'blocked', workerSpinUs: 0 },
  { name: 'bare trip, doorbell, worker sleeps', main: 'doorbell', workerSpinUs: 0 },
  { name: 'bare trip, main polls, worker sleeps', main: 'polling', workerSpinUs: 0 },
  { name: 'bare trip, main polls, worker spins', main: 'polling', workerSpinUs: 20 },
]

const PREFIX = 'tenant_123'
const GETS_PER_RUN = 200

const getName = ({ name }: Contender, what: 'hit' | 'miss'): string => `${name} get in a run, ${what}`

/** Time per get: the run around them is spread over 200. */
function getCase(contender: Contender, what: 'hit' | 'miss'): BenchCase {
  const key = what === 'hit' ? 'user:1' : 'user:2'
  return {
    name: getName(contender, what),
    contender: contender.name,
    open: async () => {
      const host = await contender.open(loadWork('round-trip'))
      await host.call('write', ['user:1', 'John Doe'], PREFIX)
      return {
        check: async () => {
          assert.deepEqual(await host.call('read', ['user:1', 1], PREFIX), ['John Doe'])
          assert.deepEqual(await host.call('read', ['user:2', 1], PREFIX), ['absent'])
          assert.deepEqual(await host.call('read', ['user:1', 1], 'tenant_456'), ['absent'])
        },
        measure: async (forMs) => {
          const runs = await keepInFlight(2, forMs, () => host.call('read', [key, GETS_PER_RUN], PREFIX))
          return { operations: runs.operations * GETS_PER_RUN, seconds: runs.seconds }
        },
        cleanup: () => host.close(),
      }
    },
  }
}

const runName = limiterName(MOONPOOL, 64)

export const question: Question = {
  text: 'How long is one synchronous round trip worker → main → worker, and a rate-limiter run against it?',
  cases: [
    ...CARRIERS.map((carrier): BenchCase => ({ name: carrier.name, open: () => openRoundTrip(carrier) })),
    getCase(MOONPOOL, 'hit'),
    getCase(MOONPOOL, 'miss'),
    getCase(NAIVE, 'hit'),
    limiterCase(MOONPOOL, 64),
  ],
  plots: [{ kind: 'bars', figure: 'eachUs' }],
  comparisons: [
    ...CARRIERS.map(({ name }) => ({ subject: runName, peer: name, figure: 'eachUs' as const })),
    ...CARRIERS.map(({ name }) => ({
      subject: getName(MOONPOOL, 'hit'),
      peer: name,
      figure: 'eachUs' as const,
    })),
    { subject: getName(MOONPOOL, 'hit'), peer: getName(NAIVE, 'hit') },
  ],
}
