// node dist/bench/compare.js <before.json> <after.json>
//
// Says of each case in both results files whether it is faster, slower or not different. Rates are divided by the
// yardstick of their own run first, so that two machines, or two hours of one machine, can be compared at all.
// A difference counts when the spreads do not touch and the medians differ by more than a tenth: less than that a
// shared machine does by itself.

import { readFileSync } from 'node:fs'
import Table from 'cli-table3'
import type { BenchResults } from './results.js'
import type { Spread } from './statistics.js'

export type Verdict = 'faster' | 'slower' | 'no difference'

export interface CaseChange {
  readonly file: string
  readonly name: string
  /** After / before, yardsticks taken out. */
  readonly ratio: number
  readonly verdict: Verdict
}

const MIN_CHANGE = 0.1

/** Of two rates that were made comparable before. */
export function judge(before: Spread, after: Spread): Verdict {
  const change = after.median / before.median
  if (after.low > before.high && change > 1 + MIN_CHANGE) return 'faster'
  if (after.high < before.low && change < 1 / (1 + MIN_CHANGE)) return 'slower'
  return 'no difference'
}

function scale({ median, low, high, count }: Spread, by: number): Spread {
  return { median: median * by, low: low * by, high: high * by, count }
}

interface CaseRate {
  readonly file: string
  readonly name: string
  /** In units of the run's yardstick. */
  readonly rate: Spread
}

function relativeRates({ questions, yardstickPerSecond = 1 }: BenchResults): CaseRate[] {
  return questions.flatMap(({ file, cases }) =>
    cases.flatMap(({ name, figures: { perSecond } }) =>
      perSecond === undefined ? [] : [{ file, name, rate: scale(perSecond, 1 / yardstickPerSecond) }],
    ),
  )
}

/** The cases that both results hold, in the order of the later ones. */
export function compareResults(before: BenchResults, after: BenchResults): CaseChange[] {
  const earlier = relativeRates(before)
  return relativeRates(after).flatMap(({ file, name, rate }) => {
    const was = earlier.find((each) => each.file === file && each.name === name)?.rate
    return was === undefined
      ? []
      : [{ file, name, ratio: rate.median / was.median, verdict: judge(was, rate) }]
  })
}

export function formatChanges(changes: readonly CaseChange[]): string {
  const table = new Table({
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    head: ['file', 'case', 'after / before', ''],
    colAligns: ['left', 'left', 'right', 'left'],
  })
  for (const { file, name, ratio, verdict } of changes) table.push([file, name, ratio.toFixed(2), verdict])
  return table.toString()
}

function main([before, after]: readonly string[]): number {
  if (before === undefined || after === undefined) {
    console.error('usage: node dist/bench/compare.js <before.json> <after.json>')
    return 2
  }
  const read = (path: string): BenchResults => JSON.parse(readFileSync(path, 'utf8')) as BenchResults
  console.log(formatChanges(compareResults(read(before), read(after))))
  return 0
}

if (import.meta.filename === process.argv[1]) process.exitCode = main(process.argv.slice(2))
