// Plots of lines: percentiles of latencies, growth, and what happened over time. Each line carries its name at its end;
// colours say who, dashes say which work.

import type { Markish } from '@observablehq/plot'
import { FIGURES, type FigureName } from '../figures.js'
import type { CaseSummary, QuestionSummary } from '../results.js'
import type { Draw, PlotModule } from './drawing.js'
import { byContender, colourOf, SUBJECT } from './palette.js'
import type { GrowthPlot, TimelinePlot } from './plot-kinds.js'
import { formatTick, logTicks, spreadLabels } from './scales.js'

type Domain = [number, number]

interface Spot {
  readonly line: string
  readonly contender: string
  readonly x: number | string
  readonly y: number
}

const WIDTH = 880
const HEIGHT = 340
const LABEL_WIDTH = 250
/** A line of text, as a part of the plot's height. */
const LABEL_GAP = 0.062
const MIN_DECADES = 1
const DASHES = ['', '7 4', '2 3', '10 3 2 3']

const PERCENTILES = [
  ['p50Us', 'p50'],
  ['p90Us', 'p90'],
  ['p99Us', 'p99'],
  ['p999Us', 'p99.9'],
] as const satisfies readonly (readonly [FigureName, string])[]

const bySubjectLast = (a: Spot, b: Spot): number => byContender(b.contender, a.contender)

/** Names at the ends of lines, moved apart where they would lie on each other. */
function endLabels(ends: readonly Spot[], domain: Domain): (Spot & { readonly labelY: number })[] {
  const sorted = [...ends].sort((a, b) => a.y - b.y)
  const [least, most] = domain.map(Math.log10) as [number, number]
  const logarithms = sorted.map(({ y }) => Math.log10(y))
  const places = spreadLabels(logarithms, LABEL_GAP * (most - least), most)
  return sorted.map((spot, index) => ({ ...spot, labelY: 10 ** (places[index] as number) }))
}

/** Of the y axis: some room around all spots, so that a line that is flat looks flat. */
function domainOf(spots: readonly Spot[]): Domain {
  const all = spots.map(({ y }) => Math.log10(y))
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const room = Math.max(0, MIN_DECADES - (most - least)) / 2 + 0.05
  return [10 ** (least - room), 10 ** (most + room)]
}

/** Each work has its own. */
function dashOf(works: readonly string[], line: string): string {
  const index = works.findIndex((work) => line.endsWith(work))
  return DASHES[Math.max(0, index) % DASHES.length] ?? ''
}

function lineMarks(plot: PlotModule, spots: readonly Spot[], works: readonly string[]): Markish[] {
  const lines = [...new Set(spots.toSorted(bySubjectLast).map(({ line }) => line))]
  const ends = lines.map((line) => spots.filter((spot) => spot.line === line).at(-1) as Spot)
  const isSubject = ({ contender }: Spot): boolean => contender === SUBJECT
  return [
    plot.gridY(logTicks(domainOf(spots)), { stroke: 'var(--line)', strokeOpacity: 1 }),
    ...lines.map((line) => {
      const own = spots.filter((spot) => spot.line === line)
      const [first] = own as [Spot]
      return plot.lineY(own, {
        x: 'x',
        y: 'y',
        stroke: colourOf(first.contender),
        strokeWidth: isSubject(first) ? 3.5 : 1.75,
        strokeDasharray: dashOf(works, line),
        marker: 'circle',
      })
    }),
    ...[true, false].map((subject) =>
      plot.text(
        endLabels(ends, domainOf(spots)).filter((spot) => isSubject(spot) === subject),
        {
          x: 'x',
          y: 'labelY',
          text: 'line',
          textAnchor: 'start',
          dx: 9,
          fill: (spot: Spot) => colourOf(spot.contender),
          fontWeight: subject ? 700 : 500,
        },
      ),
    ),
  ]
}

const FRAME = {
  width: WIDTH,
  height: HEIGHT,
  marginLeft: 64,
  marginRight: LABEL_WIDTH,
  marginTop: 24,
  marginBottom: 42,
  style: { fontSize: '13px' },
} as const

/** Percentiles of every case that has them; with one run in flight, or from outside (HTTP), they mean latency. */
export function drawLatency(draw: Draw, { cases }: QuestionSummary): string {
  const spots = cases.flatMap(({ contender = '', figures }) =>
    PERCENTILES.flatMap(([figure, x]): Spot[] => {
      const spread = figures[figure]
      return spread === undefined ? [] : [{ line: contender, contender, x, y: spread.median }]
    }),
  )
  return draw((plot) => ({
    ...FRAME,
    x: { type: 'point', domain: PERCENTILES.map(([, name]) => name), label: 'percentile of runs →' },
    y: {
      type: 'log',
      domain: domainOf(spots),
      ticks: logTicks(domainOf(spots)),
      label: '↑ µs, less is better (logarithmic)',
      tickFormat: formatTick,
    },
    marks: lineMarks(plot, spots, []),
  }))
}

export function drawGrowth(draw: Draw, { cases }: QuestionSummary, kind: GrowthPlot): string {
  const { figure, xLabel, isLinear = false } = kind
  const works = [...new Set(cases.map(({ work = '' }) => work.replace(/, \w+:$/, '')))]
  const spots = cases.flatMap(({ contender = '', work = '', x, figures }): Spot[] => {
    const spread = figures[figure]
    const line = works.length > 1 ? `${contender}: ${work.replace(/, \w+:$/, '')}` : contender
    return spread === undefined || x === undefined ? [] : [{ line, contender, x, y: spread.median }]
  })
  const xs = [...new Set(spots.map(({ x }) => x as number))].sort((a, b) => a - b)
  const { header, higherIsBetter } = FIGURES[figure]
  return draw((plot) => ({
    ...FRAME,
    x: { type: isLinear ? 'linear' : 'log', label: `${xLabel} →` },
    y: {
      type: 'log',
      domain: domainOf(spots),
      ticks: logTicks(domainOf(spots)),
      label: `↑ ${header}, ${higherIsBetter ? 'more' : 'less'} is better (logarithmic)`,
      tickFormat: formatTick,
    },
    marks: [
      // As texts: a logarithmic axis would leave out what is no round number.
      plot.axisX(xs, { text: (value: number) => value.toLocaleString('en-US') }),
      ...lineMarks(plot, spots, works),
    ],
  }))
}

/** One case's last series; `shade` marks a part of the time. */
export function drawTimeline(
  draw: Draw,
  { samples, contender = '' }: CaseSummary,
  kind: TimelinePlot,
): string {
  const points = samples.at(-1)?.series ?? []
  const endX = points.at(-1)?.x ?? 0
  const { xLabel, yLabel, shade } = kind
  const shades =
    shade === undefined ? [] : [{ x1: shade.from * endX, x2: shade.to * endX, text: shade.label }]
  const top = Math.max(...points.map(({ y }) => y), 1) * 1.12
  return draw((plot) => ({
    ...FRAME,
    height: HEIGHT * 0.62,
    marginRight: 20,
    x: { label: `${xLabel} →`, tickFormat: formatTick },
    y: { label: `↑ ${yLabel}`, tickFormat: formatTick, domain: [0, top] },
    marks: [
      plot.rectX(shades, { x1: 'x1', x2: 'x2', y1: 0, y2: top, fill: 'var(--quiet)', fillOpacity: 0.16 }),
      plot.gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
      plot.areaY(points, {
        x: 'x',
        y: 'y',
        fill: colourOf(contender),
        fillOpacity: 0.3,
        curve: 'step-after',
      }),
      plot.lineY(points, {
        x: 'x',
        y: 'y',
        stroke: colourOf(contender),
        strokeWidth: 2,
        curve: 'step-after',
      }),
      plot.ruleY([0], { stroke: 'var(--quiet)' }),
      plot.text(shades, {
        x: (each) => (each.x1 + each.x2) / 2,
        y: top,
        text: 'text',
        lineAnchor: 'top',
        dy: 4,
        fill: 'var(--quiet)',
      }),
    ],
  }))
}
