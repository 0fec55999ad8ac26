// What does an empty run cost, one worker?
//
// What a run costs before its script does anything: admission, queue, restore, resume, outcome.

import assert from 'node:assert/strict'
import type { BenchCase, Question } from '../case.js'
import { MOONPOOL, NAIVE } from '../contenders.js'
import { keepInFlight } from '../load.js'
import type { Contender } from '../script-host.js'
import { loadWork } from '../works.js'

const caseName = ({ name }: Contender, inFlight: number): string =>
  `${name} empty main, ${inFlight} in flight`

function emptyCase(contender: Contender, inFlight: number): BenchCase {
  return {
    name: caseName(contender, inFlight),
    contender: contender.name,
    work: `empty main, ${inFlight} in flight`,
    open: async () => {
      const host = await contender.open(loadWork('empty'))
      return {
        check: async () => {
          assert.deepEqual(await host.call('echo', [1, 'two', true], 'tenant_123'), [1, 'two', true])
          assert.equal(await host.run(undefined, 'tenant_123'), undefined)
        },
        measure: (forMs) => keepInFlight(inFlight, forMs, () => host.run(undefined, 'tenant_123')),
        cleanup: () => host.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'What does an empty run cost, one worker?',
  cases: [64, 1].flatMap((inFlight) => [emptyCase(MOONPOOL, inFlight), emptyCase(NAIVE, inFlight)]),
  plots: [{ kind: 'bars', figure: 'perSecond' }],
  comparisons: [
    { subject: caseName(MOONPOOL, 64), peer: caseName(NAIVE, 64) },
    { subject: caseName(MOONPOOL, 64), peer: caseName(NAIVE, 64), figure: 'mainCpuUs' },
    { subject: caseName(MOONPOOL, 1), peer: caseName(NAIVE, 1), figure: 'p50Us' },
  ],
}
