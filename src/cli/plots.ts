// The one user of @observablehq/plot and linkedom, which are there only for who installs them: pictures of a load test
// as SVG text. Colours are names of the page's style (`--s1` … `--s3`), so that they suit light and dark.

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { LoadResult } from './load-output.js'
import type { Slice } from './load-recorder.js'

export interface Picture {
  readonly title: string
  /** Names of the lines, in the order of their colours. */
  readonly lines: readonly string[]
  readonly svg: string
}

const WIDTH = 720
const HEIGHT = 260
const COLOURS: readonly string[] = ['var(--s1)', 'var(--s2)', 'var(--s3)']

interface Point {
  readonly x: number
  readonly y: number
}

interface Line {
  readonly name: string
  readonly points: readonly Point[]
}

/** From 0 upwards: a rate and a delay read best from the ground. */
const upwards = (label: string): Plot.ScaleOptions => ({ label, grid: true, zero: true, nice: true })
const seconds: Plot.ScaleOptions = { label: 'seconds' }

function picture(title: string, lines: readonly Line[], x: Plot.ScaleOptions, y: Plot.ScaleOptions): Picture {
  const { document } = parseHTML('<html></html>')
  const svg = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 56,
    ariaLabel: title,
    style: { background: 'transparent' },
    x,
    y,
    marks: lines.map(({ points }, index) =>
      Plot.line([...points], { x: 'x', y: 'y', stroke: COLOURS[index] ?? 'currentColor', strokeWidth: 1.8 }),
    ),
  })
  svg.setAttribute('role', 'img')
  return { title, lines: lines.map(({ name }) => name), svg: svg.outerHTML }
}

function overTime(slices: readonly Slice[], names: Readonly<Record<string, keyof Slice>>): Line[] {
  return Object.entries(names).map(([name, field]) => ({
    name,
    points: slices.map((slice) => ({ x: slice.atSeconds, y: slice[field] })),
  }))
}

/** One in so many runs is slower: 2 is the median, 100 the 99th percentile. */
const ONE_IN = [1.01, 1.2, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000]

function percentileLine(name: string, of: LoadResult['recording']['latencies']): Line {
  const known = ONE_IN.filter((oneIn) => oneIn <= of.count)
  const points = known.map((oneIn) => ({ x: oneIn, y: of.percentileMs(100 - 100 / oneIn) }))
  return { name, points: points.filter(({ y }) => y > 0) }
}

export function picturesOf({ recording }: LoadResult): Picture[] {
  const { slices, latencies, service } = recording
  const withRuns = slices.filter(({ completedPerSecond }) => completedPerSecond > 0)
  return [
    picture(
      'Latency percentiles',
      [
        percentileLine('from when a run was due', latencies),
        percentileLine('from when it was begun', service),
      ],
      {
        type: 'log',
        label: 'percentile',
        ticks: [2, 10, 100, 1000, 10_000, 100_000],
        tickFormat: percentileText,
      },
      { type: 'log', label: 'milliseconds', grid: true, ticks: 5, tickFormat: numberText },
    ),
    picture(
      'Latency over time',
      overTime(withRuns, { p50: 'p50Ms', p99: 'p99Ms', max: 'maxMs' }),
      seconds,
      upwards('milliseconds'),
    ),
    picture(
      'Rate over time',
      overTime(slices, {
        arrived: 'arrivalsPerSecond',
        completed: 'completedPerSecond',
        failed: 'failedPerSecond',
      }),
      seconds,
      upwards('runs per second'),
    ),
    picture(
      'Event-loop delay over time',
      overTime(slices, { p99: 'loopDelayP99Ms', max: 'loopDelayMaxMs' }),
      seconds,
      upwards('milliseconds'),
    ),
  ]
}

const percentileText = (oneIn: number): string => `${Number((100 - 100 / oneIn).toPrecision(6))} %`
const numberText = (value: number): string => String(Number(value.toPrecision(3)))
