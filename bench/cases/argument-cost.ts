// What does an argument or a result of 1, 10, 100 KB cost?

import assert from 'node:assert/strict'
import type { BenchCase, Question } from '../case.js'
import { FENGARI, MOONPOOL, NAIVE, REDIS } from '../contenders.js'
import { keepInFlight } from '../load.js'
import type { Contender, ScriptHost } from '../script-host.js'
import { loadWork } from '../works.js'

const KILOBYTES = [1, 10, 100]
const IN_FLIGHT = 8
const PREFIX = 'tenant_123'

const KINDS = {
  argument: (host: ScriptHost, text: string) => host.call('size_of', [text], PREFIX),
  result: (host: ScriptHost, text: string) => host.call('make', [text.length], PREFIX),
}

function costCase(contender: Contender, kind: keyof typeof KINDS, kilobytes: number): BenchCase {
  const text = 'x'.repeat(kilobytes * 1_000)
  return {
    name: `${contender.name} ${kind} of ${kilobytes} KB`,
    contender: contender.name,
    work: kind,
    x: kilobytes,
    open: async () => {
      const host = await contender.open(loadWork('costs'))
      return {
        check: async () =>
          assert.deepEqual(await KINDS[kind](host, text), [kind === 'argument' ? text.length : text]),
        measure: (forMs) => keepInFlight(IN_FLIGHT, forMs, () => KINDS[kind](host, text), host.serverPid),
        cleanup: () => host.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'What does an argument or a result of 1, 10, 100 KB cost?',
  cases: (['argument', 'result'] as const).flatMap((kind) =>
    KILOBYTES.flatMap((kilobytes) =>
      [MOONPOOL, REDIS, FENGARI, NAIVE].map((contender) => costCase(contender, kind, kilobytes)),
    ),
  ),
  comparisons: [],
  plots: [{ kind: 'growth', figure: 'eachUs', xLabel: 'KB' }],
}
