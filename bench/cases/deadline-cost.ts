// What does it cost that every run has a deadline?
//
// One VM in a worker thread does the same runs under a deadline that never comes and without any, in turn: the figure is
// how much of its speed it keeps. Two VMs could not tell: from one VM to the next the same loop runs up to a third faster
// or slower, wherever V8 and the system have put it.

import assert from 'node:assert/strict'
import type { BenchCase, OpenCase, Question } from '../case.js'
import { openNaive } from '../peers/naive/naive-pool.js'
import { createRepeater } from '../repeated-calls.js'
import { loadWork } from '../works.js'

/** `spin` of works/compute.lua: a tight loop, where a hook weighs most. */
const CALL = 'spin'
const SUM_OF_TEN = 27
const DEADLINE_MS = 60_000

const [COMPUTE, SHORT] = ['moonpool, runs of a millisecond', 'moonpool, runs of a microsecond']
const [NAIVE_WITHOUT, NAIVE_WITH] = ['naive, no deadline', `naive, with wasmoon's deadline`]

function pairCase(name: string, times: number, result: number, atLeast?: number): BenchCase {
  return {
    name,
    contender: 'moonpool',
    isSlow: true,
    goals: atLeast === undefined ? [] : [{ figure: 'deadlinePart', atLeast }],
    open: async () => {
      const { openDeadlinePair } = await import('../vm/deadline-pair.js')
      return openDeadlinePair(
        `${loadWork('compute').lua}\nfunction main() return ${CALL}(${times}) end`,
        result,
      )
    },
  }
}

async function openNaiveSpin(timeoutMs?: number): Promise<OpenCase> {
  const host = await openNaive(loadWork('compute').lua, timeoutMs === undefined ? {} : { timeoutMs })
  return {
    check: async () => assert.deepEqual(await host.call(CALL, [10], 'tenant_123'), [SUM_OF_TEN]),
    measure: createRepeater(host, { name: CALL, args: [] }),
    cleanup: () => host.close(),
  }
}

export const question: Question = {
  text: 'What does it cost that every run has a deadline?',
  cases: [
    pairCase(COMPUTE, 70_000, 210_000, 0.97),
    pairCase(SHORT, 10, SUM_OF_TEN),
    { name: NAIVE_WITHOUT, contender: 'naive', open: () => openNaiveSpin() },
    { name: NAIVE_WITH, contender: 'naive', open: () => openNaiveSpin(DEADLINE_MS) },
  ],
  comparisons: [{ subject: NAIVE_WITH, peer: NAIVE_WITHOUT }],
  plots: [{ kind: 'bars', figure: 'deadlinePart' }],
}
