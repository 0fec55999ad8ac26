// Cases on a curve of growth over how many there are of something (scripts, tenants) that runs take in turn. What growth
// costs is a few percent, and two processes differ by more. So each case takes all in turn and one of them alone, slice
// by slice in the same engine, and says how many times as long the former takes.

import type { BenchCase, CountedWork, Question } from './case.js'
import { MOONPOOL } from './contenders.js'
import { growthName } from './growth-cases.js'
import { keepInFlight } from './load.js'

const IN_FLIGHT = 64
const SLICES = 8
const AT_MOST = 1.3

export interface InTurn {
  readonly text: string
  readonly xLabel: string
  readonly work: string
  readonly counts: readonly number[]
  readonly operationsPerRun: number
  open(count: number): Promise<OpenTurns>
}

export interface OpenTurns {
  check(): Promise<void>
  /** The `turn`th run, with one of the many or always with the first. */
  run(turn: number, isAlone: boolean): Promise<unknown>
  close(): Promise<void>
}

/** Operations and time of several slices together. */
class Sum {
  operations = 0
  seconds = 0

  add({ operations, seconds }: CountedWork): void {
    this.operations += operations
    this.seconds += seconds
  }

  get eachSeconds(): number {
    return this.seconds / this.operations
  }
}

async function measureTurns(turns: OpenTurns, forMs: number): Promise<{ all: Sum; alone: Sum }> {
  const all = new Sum()
  const alone = new Sum()
  let turn = 0
  for (let slice = 0; slice < SLICES; slice++) {
    for (const isAlone of slice % 2 === 0 ? [false, true] : [true, false]) {
      const run = (): Promise<unknown> => turns.run(turn++, isAlone)
      const sum = isAlone ? alone : all
      sum.add(await keepInFlight(IN_FLIGHT, forMs / SLICES / 2, run))
    }
  }
  return { all, alone }
}

function inTurnCase({ work, operationsPerRun, open }: InTurn, count: number): BenchCase {
  return {
    name: growthName(MOONPOOL, { work, x: count }),
    contender: MOONPOOL.name,
    work,
    x: count,
    goals: count > 1 ? [{ figure: 'timesAlone', atMost: AT_MOST }] : [],
    open: async () => {
      const turns = await open(count)
      return {
        check: () => turns.check(),
        measure: async (forMs) => {
          const { all, alone } = await measureTurns(turns, forMs)
          const { operations, seconds } = all
          const figures = { timesAlone: all.eachSeconds / alone.eachSeconds }
          return { operations: operations * operationsPerRun, seconds, figures }
        },
        cleanup: () => turns.close(),
      }
    },
  }
}

export function inTurnQuestion(inTurn: InTurn): Question {
  return {
    text: inTurn.text,
    cases: inTurn.counts.map((count) => inTurnCase(inTurn, count)),
    comparisons: [],
    plots: [{ kind: 'growth', figure: 'timesAlone', xLabel: inTurn.xLabel }],
  }
}
