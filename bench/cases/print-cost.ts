// What does a printed line cost?

import assert from 'node:assert/strict'
import { createEngine } from '../../src/index.js'
import type { BenchCase, Question } from '../case.js'
import { keepInFlight } from '../load.js'
import { loadWork } from '../works.js'

const LINES_PER_RUN = 100

function printCase(name: string, lines: number): BenchCase {
  return {
    name,
    contender: 'moonpool',
    open: async () => {
      let printed = 0
      const engine = await createEngine({ threads: 1, onPrint: () => printed++ })
      const script = await engine.load(loadWork('costs').lua, { name: 'costs.lua' })
      const print = (): Promise<readonly unknown[]> => script.call('print_lines', [lines])
      return {
        check: async () => {
          assert.deepEqual(await print(), [lines])
          assert.equal(printed, lines)
        },
        measure: async (forMs) => {
          const { operations, seconds, figures } = await keepInFlight(8, forMs, print)
          const mainCpuUs = (figures?.mainCpuUs ?? 0) / LINES_PER_RUN
          return { operations: operations * LINES_PER_RUN, seconds, figures: { mainCpuUs } }
        },
        cleanup: () => engine.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'What does a printed line cost?',
  cases: [
    printCase('100 lines of 37 bytes a run, to a listener', LINES_PER_RUN),
    printCase('the same runs without a line', 0),
  ],
  comparisons: [],
  plots: [{ kind: 'bars', figure: 'eachUs' }],
}
