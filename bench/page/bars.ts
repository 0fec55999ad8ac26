// Bars of one figure, one for each contender that did the work; on a logarithmic scale, since they differ by factors.
// A thin line on a bar spans its 10th to 90th percentile. Figures that were read elsewhere are dashed outlines.

import type { Markish } from '@observablehq/plot'
import { FIGURES, type FigureName, formatFigure } from '../figures.js'
import type { QuestionSummary } from '../results.js'
import type { Draw, PlotModule } from './drawing.js'
import { byContender, colourOf, SUBJECT } from './palette.js'
import { formatTick, logTicks } from './scales.js'

interface Bar {
  /** Whom or what it stands for, unique in its plot. */
  readonly label: string
  readonly contender: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly isElsewhere: boolean
}

interface Frame {
  readonly figure: FigureName
  readonly domain: [number, number]
  readonly marginLeft: number
  readonly marginRight: number
}

const WIDTH = 880
const ROW_HEIGHT = 27
const AXIS_HEIGHT = 42
const CHARACTER_WIDTH = 7.6
const MIN_LABEL_WIDTH = 170
const VALUE_WIDTH = 100
/** With room for `(measured elsewhere)`. */
const WIDE_VALUE_WIDTH = 230
const PEER_OPACITY = 0.72

/** Works in the order of the question's cases; without one, cases go by their names. */
function worksOf({ cases }: QuestionSummary): string[] {
  return [...new Set(cases.map(({ work = '' }) => work))]
}

function barsOf({ cases, elsewhere = [] }: QuestionSummary, figure: FigureName, work: string): Bar[] {
  const read = cases.flatMap(({ name, contender = name, work: own = '', figures }): Bar[] => {
    const spread = figures[figure]
    if (spread === undefined || spread.median <= 0 || own !== work) return []
    const { median: value, low, high } = spread
    return [{ label: work === '' ? name : contender, contender, value, low, high, isElsewhere: false }]
  })
  const others = elsewhere
    .filter((each) => each.figure === figure && each.work === work)
    .map(
      ({ contender, value }): Bar => ({
        label: contender,
        contender,
        value,
        low: value,
        high: value,
        isElsewhere: true,
      }),
    )
  return [...(work === '' ? read : read.sort((a, b) => byContender(a.contender, b.contender))), ...others]
}

/** Whole powers of ten around all bars of the question, so that its works can be compared by eye. */
function domainOf(bars: readonly Bar[]): [number, number] {
  const values = bars.map(({ value }) => value)
  const below = 10 ** Math.floor(Math.log10(Math.min(...values) * 0.8))
  const above = Math.max(...values) * 1.15
  return [below, above]
}

const isSubject = ({ contender }: Bar): boolean => contender === SUBJECT

/** One SVG for each work; works without a figure are left out. */
export function drawBars(
  draw: Draw,
  question: QuestionSummary,
  figure: FigureName,
): { work: string; svg: string }[] {
  const works = worksOf(question).map((work) => ({ work, bars: barsOf(question, figure, work) }))
  const all = works.flatMap(({ bars }) => bars)
  const longest = Math.max(...all.map(({ label }) => label.length))
  // One frame for all works of a question: they are compared by eye.
  const frame: Frame = {
    figure,
    domain: domainOf(all),
    marginLeft: Math.max(MIN_LABEL_WIDTH, longest * CHARACTER_WIDTH + 14),
    marginRight: all.some(({ isElsewhere }) => isElsewhere) ? WIDE_VALUE_WIDTH : VALUE_WIDTH,
  }
  return works
    .filter(({ bars }) => bars.length > 0)
    .map(({ work, bars }) => ({ work, svg: drawWork(draw, bars, frame) }))
}

function drawWork(draw: Draw, bars: readonly Bar[], frame: Frame): string {
  const { figure, domain, marginLeft, marginRight } = frame
  const { header, higherIsBetter } = FIGURES[figure]
  return draw((plot) => ({
    width: WIDTH,
    height: bars.length * ROW_HEIGHT + AXIS_HEIGHT,
    marginLeft,
    marginRight,
    marginTop: 2,
    marginBottom: AXIS_HEIGHT - 4,
    style: { fontSize: '13px' },
    x: {
      type: 'log',
      domain,
      label: `${header}, ${higherIsBetter ? 'more' : 'less'} is better (logarithmic) →`,
      tickFormat: formatTick,
      ticks: logTicks(domain),
    },
    y: { domain: bars.map(({ label }) => label), axis: null, padding: 0.22 },
    marks: [
      plot.gridX(logTicks(domain), { stroke: 'var(--line)', strokeOpacity: 1 }),
      ...barMarks(plot, bars, domain[0]),
      ...textMarks(plot, bars, domain[0], figure),
    ],
  }))
}

function barMarks(plot: PlotModule, bars: readonly Bar[], from: number): Markish[] {
  const [read, elsewhere] = [false, true].map((kind) => bars.filter((bar) => bar.isElsewhere === kind))
  const place = { x1: from, x2: 'value', y: 'label', rx: 2 } as const
  return [
    plot.barX(read ?? [], {
      ...place,
      fill: (bar: Bar) => colourOf(bar.contender),
      fillOpacity: (bar: Bar) => (isSubject(bar) ? 1 : PEER_OPACITY),
    }),
    plot.barX(elsewhere ?? [], { ...place, fill: 'none', stroke: 'var(--quiet)', strokeDasharray: '4 3' }),
    plot.ruleY(bars, {
      x1: ({ low }: Bar) => Math.max(low, from),
      x2: 'high',
      y: 'label',
      stroke: 'var(--ink)',
      strokeWidth: 1.5,
    }),
  ]
}

/** Names before the bars, values behind them. */
function textMarks(plot: PlotModule, bars: readonly Bar[], from: number, figure: FigureName): Markish[] {
  const names = [true, false].map((subject) =>
    plot.text(
      bars.filter((bar) => isSubject(bar) === subject),
      {
        x: () => from,
        y: 'label',
        text: 'label',
        textAnchor: 'end',
        dx: -8,
        fill: subject ? colourOf(SUBJECT) : 'var(--ink)',
        fontWeight: subject ? 700 : 400,
      },
    ),
  )
  const values = plot.text(bars, {
    x: (bar: Bar) => Math.max(bar.value, bar.high),
    y: 'label',
    text: ({ value, isElsewhere }: Bar) =>
      `${formatFigure(figure, value)}${isElsewhere ? ' (measured elsewhere)' : ''}`,
    textAnchor: 'start',
    dx: 6,
    fill: 'var(--ink)',
    fontWeight: 600,
    stroke: 'var(--panel)',
    strokeWidth: 4,
  })
  return [...names, values]
}
