// What the design asks for, and whether this run reached it: goals (scaled by this run's plain JS) and bounded ratios.

import { formatBound, formatRatio } from '../bounds.js'
import { FIGURES, formatFigure } from '../figures.js'
import type { BenchResults, QuestionSummary } from '../results.js'
import { type Row, table } from './html.js'

function rowsOf({ goals, comparisons }: QuestionSummary): Row[] {
  const row = (cells: readonly string[], reached: boolean): Row => ({
    cells: [...cells, reached ? '✓ reached' : '✗ short'],
    className: reached ? 'reached' : 'fell-short',
  })
  return [
    ...goals.map(({ case: name, figure, median, reached, ...bound }) => {
      const format = (value: number): string => formatFigure(figure, value)
      return row([name, FIGURES[figure].header, format(median), formatBound(bound, format)], reached)
    }),
    ...comparisons.flatMap(({ subject, peer, figure, ratio, reached, ...bound }) =>
      reached === undefined
        ? []
        : [
            row(
              [
                `${subject} / ${peer}`,
                FIGURES[figure].header,
                formatRatio(ratio.median),
                formatBound(bound, formatRatio),
              ],
              reached,
            ),
          ],
    ),
  ]
}

export function targetTable({ questions, yardstickPerSecond }: BenchResults): string {
  const rows = questions.flatMap(rowsOf)
  if (rows.length === 0) return ''
  const reached = rows.filter(({ className }) => className === 'reached').length
  const rate = yardstickPerSecond === undefined ? '' : `${(yardstickPerSecond / 1e6).toFixed(1)} M/s`
  return `<section id="targets"><h2>Targets: ${reached} of ${rows.length} reached</h2>
<p class="note">Rates and times are scaled by the hot read of plain JS in the same run (${rate}; the targets were set where it read 7.0 M/s). Ratios and sizes are not.</p>
<div class="scroll">${table(['what', 'figure', 'read', 'wanted', ''], rows)}</div></section>`
}
