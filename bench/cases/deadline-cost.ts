// What does it cost that every run has a deadline?

import assert from 'node:assert/strict'
import type { BenchCase, OpenCase, Question } from '../case.js'
import { MOONPOOL } from '../contenders.js'
import { measureLoop } from '../measure.js'
import { openNaive } from '../peers/naive/naive-pool.js'
import { createRepeater } from '../repeated-calls.js'
import type { ScriptHost } from '../script-host.js'
import { loadWork } from '../works.js'

/** `spin` of works/compute.lua: a tight loop, where a hook weighs most. */
const CALL = 'spin'
const SUM_OF_TEN = 27
const BARE_TIMES = 100_000
const DEADLINE_MS = 60_000

async function openHost(opening: Promise<ScriptHost>): Promise<OpenCase> {
  const host = await opening
  return {
    check: async () => assert.deepEqual(await host.call(CALL, [10], 'tenant_123'), [SUM_OF_TEN]),
    measure: createRepeater(host, { name: CALL, args: [] }),
    cleanup: () => host.close(),
  }
}

/** The same VM on its own: no watchdog beside it. */
async function openBare(): Promise<OpenCase> {
  const { createPristineVm } = await import('../vm/pristine-vm.js')
  const main = (times: number): string => `\nfunction main() return spin(${times}) end`
  const { restore, runMain } = createPristineVm(loadWork('compute').lua + main(BARE_TIMES))
  const small = createPristineVm(loadWork('compute').lua + main(10))
  const once = (): void => {
    restore()
    runMain()
  }
  return {
    check: async () => assert.equal(small.runMain(), SUM_OF_TEN),
    measure: async (forMs) => measureLoop(once, BARE_TIMES, forMs),
    cleanup: async () => {},
  }
}

const [OURS, BARE] = ['moonpool, with its deadline', 'the same VM, no deadline']
const [NAIVE_WITHOUT, NAIVE_WITH] = ['naive, no deadline', `naive, with wasmoon's deadline`]

const cases: readonly BenchCase[] = [
  { name: OURS, open: () => openHost(MOONPOOL.open(loadWork('compute'))) },
  { name: BARE, open: openBare },
  { name: NAIVE_WITHOUT, open: () => openHost(openNaive(loadWork('compute').lua)) },
  { name: NAIVE_WITH, open: () => openHost(openNaive(loadWork('compute').lua, { timeoutMs: DEADLINE_MS })) },
]

export const question: Question = {
  text: 'What does it cost that every run has a deadline?',
  cases: cases.map((each) => ({ ...each, contender: each.name.split(',')[0] as string })),
  comparisons: [
    { subject: OURS, peer: BARE },
    { subject: NAIVE_WITH, peer: NAIVE_WITHOUT },
    { subject: OURS, peer: NAIVE_WITH },
  ],
  plots: [{ kind: 'bars', figure: 'perSecond' }],
}
