// What a person sees: a progress bar while it runs (on a terminal only), then a table per question.

import { SingleBar } from 'cli-progress'
import Table from 'cli-table3'
import { formatBound, formatRatio } from './bounds.js'
import { FIGURE_NAMES, FIGURES, type FigureName, formatFigure, mainFigure } from './figures.js'
import type { QuestionSummary } from './results.js'
import type { Spread } from './statistics.js'

export interface Progress {
  step(what: string): void
  stop(): void
}

/** Drawn on stderr; nothing at all when that is not a terminal. */
export function startProgress(steps: number): Progress {
  if (!process.stderr.isTTY) return { step: () => {}, stop: () => {} }
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {what}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  })
  bar.start(steps, 0, { what: '' })
  return { step: (what) => bar.increment({ what }), stop: () => bar.stop() }
}

/** No colours, no rules between rows: it must also read well in a log. */
const plain = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
}

const verdict = (reached: boolean | undefined): string =>
  reached === undefined ? '' : reached ? 'yes' : 'NO'

/** `p10 … p90` of a rate, as deviations from the median: readable at any size. */
function formatSpread({ median, low, high }: Spread): string {
  if (median === 0) return ''
  const part = (value: number): string => `${(((value - median) / median) * 100).toFixed(0)} %`
  return `${part(low)} … +${part(high)}`
}

/** `moonpool is`: how many times as fast (as small) as that line it was at the same work. */
function caseTable({ cases, elsewhere = [] }: QuestionSummary): string {
  const columns = FIGURE_NAMES.filter((name) => cases.some((summary) => summary.figures[name] !== undefined))
  const table = new Table({
    ...plain,
    head: ['case', ...columns.map((name) => FIGURES[name].header), 'spread', 'moonpool is'],
    colAligns: ['left', ...columns.map(() => 'right' as const), 'right', 'right'],
  })
  for (const { name, figures, ahead, missing } of cases) {
    const cell = (column: FigureName): string => {
      const figure = figures[column]
      return figure === undefined ? '' : formatFigure(column, figure.median)
    }
    const figure = figures[mainFigure(figures) ?? 'perSecond']
    const state = figure ? formatSpread(figure) : missing === undefined ? 'failed' : 'missing'
    table.push([name, ...columns.map(cell), state, ahead === undefined ? '' : formatRatio(ahead.median)])
  }
  for (const { contender, work, figure, value } of elsewhere) {
    const cells = columns.map((column) => (column === figure ? formatFigure(figure, value) : ''))
    table.push([`${contender} ${work}`, ...cells, 'elsewhere', ''])
  }
  return table.toString()
}

function comparisonTable({ comparisons }: QuestionSummary): string {
  const table = new Table({ ...plain, head: ['compared', 'by', 'ratio', 'spread', 'wanted', 'reached'] })
  for (const { subject, peer, figure, ratio, reached, ...bound } of comparisons) {
    table.push([
      `${subject}\n / ${peer}`,
      FIGURES[figure].header,
      formatRatio(ratio.median),
      `${formatRatio(ratio.low)} … ${formatRatio(ratio.high)}`,
      formatBound(bound, formatRatio),
      verdict(reached),
    ])
  }
  return table.toString()
}

function goalTable({ goals }: QuestionSummary): string {
  const table = new Table({
    ...plain,
    head: ['goal, scaled to this machine', 'figure', 'read', 'wanted', 'reached'],
  })
  for (const { case: name, figure, median, reached, ...bound } of goals) {
    const format = (value: number): string => formatFigure(figure, value)
    table.push([name, FIGURES[figure].header, format(median), formatBound(bound, format), verdict(reached)])
  }
  return table.toString()
}

/** One question's answer as text, failures first named in full below its tables. */
export function formatQuestion(summary: QuestionSummary): string {
  const parts = [`\n${summary.text}  (${summary.file})`, caseTable(summary)]
  if (summary.comparisons.length > 0) parts.push(comparisonTable(summary))
  if (summary.goals.length > 0) parts.push(goalTable(summary))
  for (const { name, failure } of summary.cases) {
    if (failure !== undefined) parts.push(`FAILED  ${name}: ${failure}`)
  }
  for (const reason of new Set(summary.cases.map(({ missing }) => missing))) {
    const names = summary.cases.filter(({ missing }) => missing === reason).map(({ name }) => name)
    if (reason !== undefined) parts.push(`missing: ${reason}: ${names.join('; ')}`)
  }
  for (const note of new Set(summary.elsewhere?.map(({ contender, note }) => `${contender}: ${note}`))) {
    parts.push(note)
  }
  return parts.join('\n')
}
