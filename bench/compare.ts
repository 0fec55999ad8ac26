// node dist/bench/compare.js <before.json> <after.json>
//
// Says of each case in both results files whether it is faster, slower or not different (for sizes: smaller, larger).
// Each case is judged by its first figure. Rates and times are taken in units of the yardstick of their own run, so
// that two machines, or two hours of one machine, can be compared at all. A difference counts when the spreads do not
// touch and the medians differ by more than a tenth: less than that a shared machine does by itself.
//
// Exit codes, for suites: 0 nothing is slower, 1 something is, 2 the files cannot be compared.

import Table from 'cli-table3'
import { FIGURES, type FigureName, mainFigure } from './figures.js'
import type { BenchResults, CaseSummary } from './results.js'
import { readResults } from './results-file.js'
import type { Spread } from './statistics.js'

export type Verdict = 'faster' | 'slower' | 'no difference'

export interface CaseChange {
  readonly file: string
  readonly name: string
  readonly figure: FigureName
  /** How many times as good (as fast, as small) it is after as before, yardsticks taken out; low and high: at worst and at best. */
  readonly ratio: Pick<Spread, 'median' | 'low' | 'high'>
  readonly verdict: Verdict
}

const MIN_CHANGE = 0.1

/** Of two figures that were made comparable before, so that more is better. */
export function judge(before: Spread, after: Spread): Verdict {
  const change = after.median / before.median
  if (after.low > before.high && change > 1 + MIN_CHANGE) return 'faster'
  if (after.high < before.low && change < 1 / (1 + MIN_CHANGE)) return 'slower'
  return 'no difference'
}

/** In units of the run's yardstick where the machine's speed matters, and turned round where less is better. */
function comparable(spread: Spread, figure: FigureName, { yardstickPerSecond = 1 }: BenchResults): Spread {
  const { unit, higherIsBetter } = FIGURES[figure]
  const fast = yardstickPerSecond
  const scale = { rate: 1 / fast, time: fast, cpu: fast, part: 1, size: 1, delay: 1 }[unit]
  const [median, low, high] = [spread.median, spread.low, spread.high].map((value) => value * scale) as [
    number,
    number,
    number,
  ]
  const { count } = spread
  return higherIsBetter
    ? { median, low, high, count }
    : { median: 1 / median, low: 1 / high, high: 1 / low, count }
}

function findCase(results: BenchResults, file: string, name: string): CaseSummary | undefined {
  return results.questions.find((each) => each.file === file)?.cases.find((each) => each.name === name)
}

/** The cases that both results have figures of, in the order of the later ones. */
export function compareResults(before: BenchResults, after: BenchResults): CaseChange[] {
  return after.questions.flatMap(({ file, cases }) =>
    cases.flatMap(({ name, figures }): CaseChange[] => {
      const figure = mainFigure(figures)
      const now = figure === undefined ? undefined : figures[figure]
      const then = figure === undefined ? undefined : findCase(before, file, name)?.figures[figure]
      // Zero and less are no base for a ratio: nothing was blocked, nothing grew.
      if (figure === undefined || now === undefined || then === undefined) return []
      if (!(now.low > 0) || !(then.low > 0)) return []
      const [was, is] = [comparable(then, figure, before), comparable(now, figure, after)]
      const ratio = { median: is.median / was.median, low: is.low / was.high, high: is.high / was.low }
      return [{ file, name, figure, ratio, verdict: judge(was, is) }]
    }),
  )
}

export function formatChanges(changes: readonly CaseChange[]): string {
  const table = new Table({
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    head: ['file', 'case', 'by', 'times as good', 'spread', ''],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'left'],
  })
  for (const { file, name, figure, ratio, verdict } of changes) {
    const spread = `${ratio.low.toFixed(2)} … ${ratio.high.toFixed(2)}`
    table.push([file, name, FIGURES[figure].header, ratio.median.toFixed(2), spread, verdict])
  }
  const count = (verdict: Verdict): string =>
    `${changes.filter((change) => change.verdict === verdict).length} ${verdict}`
  return `${table.toString()}\n${count('faster')}, ${count('slower')}, ${count('no difference')}`
}

function main([before, after]: readonly string[]): number {
  if (before === undefined || after === undefined) {
    console.error('usage: node dist/bench/compare.js <before.json> <after.json>')
    return 2
  }
  const changes = compareResults(readResults(before), readResults(after))
  if (changes.length === 0) {
    console.error('the two files have no case in common')
    return 2
  }
  console.log(formatChanges(changes))
  return changes.some(({ verdict }) => verdict === 'slower') ? 1 : 0
}

if (import.meta.filename === process.argv[1]) process.exitCode = main(process.argv.slice(2))
