// How much pure computing does one worker do: calls (fib), strings, sorting?

import assert from 'node:assert/strict'
import type { BenchCase, Question } from '../case.js'
import { FENGARI, LUA, LUAJIT, MOONPOOL, NAIVE, NGINX, PLAIN_JS, REDIS } from '../contenders.js'
import { createRepeater, PREFIX } from '../repeated-calls.js'
import type { Contender } from '../script-host.js'
import { loadWork } from '../works.js'

const WORKS = [
  { name: 'fib', work: 'fib(20)', onceGives: 6_765 },
  { name: 'strings', work: '100 strings formatted, joined, searched', onceGives: 1_500 },
  { name: 'sort', work: '300 numbers sorted', onceGives: 34_681 },
] as const

const CONTENDERS = [MOONPOOL, LUA, NAIVE, REDIS, FENGARI, LUAJIT, NGINX, PLAIN_JS] as const

function computeCase({ name, work, onceGives }: (typeof WORKS)[number], contender: Contender): BenchCase {
  return {
    name: `${contender.name} ${work}`,
    contender: contender.name,
    work,
    open: async () => {
      const host = await contender.open(loadWork('compute'))
      return {
        check: async () => {
          for (const times of [1, 3]) {
            assert.deepEqual(await host.call(name, [times], PREFIX), [times * onceGives])
          }
        },
        measure: createRepeater(host, { name, args: [] }),
        cleanup: () => host.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'How much pure computing does one worker do: calls (fib), strings, sorting?',
  cases: WORKS.flatMap((work) => CONTENDERS.map((contender) => computeCase(work, contender))),
  comparisons: [],
  plots: [{ kind: 'bars', figure: 'perSecond' }],
}
