// Whether a soak's samples rise: a line fitted by least squares over the second half, when everything has been used once.

import { tableText } from '../../../src/cli/table.js'
import { MEASURE_NAMES, MEASURES, type MeasureName, type SoakSample } from './samples.js'

const SLOPE_RUNS = 100_000

export interface Slope {
  readonly name: MeasureName
  readonly first: number
  readonly last: number
  readonly largest: number
  /** Per 100,000 runs. */
  readonly slope: number
  /** Of the fitted line, from the middle of the soak to its end. */
  readonly rise: number
  readonly mayRise: number
}

/** Least squares: how much y rises for one x. */
export function slopeOf(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((total, [x]) => total + x, 0) / points.length
  const meanY = points.reduce((total, [, y]) => total + y, 0) / points.length
  let products = 0
  let squares = 0
  for (const [x, y] of points) {
    products += (x - meanX) * (y - meanY)
    squares += (x - meanX) ** 2
  }
  return squares === 0 ? 0 : products / squares
}

export function slopesOf(samples: readonly SoakSample[]): Slope[] {
  const half = samples.slice(Math.floor(samples.length / 2))
  const [first, last] = [half[0], half.at(-1)]
  if (first === undefined || last === undefined) throw new Error('no samples')
  return MEASURE_NAMES.map((name) => {
    const perRun = slopeOf(half.map((sample) => [sample.runs, sample[name]]))
    return {
      name,
      first: first[name],
      last: last[name],
      largest: Math.max(...samples.map((sample) => sample[name])),
      slope: perRun * SLOPE_RUNS,
      rise: perRun * (last.runs - first.runs),
      mayRise: MEASURES[name].mayRise,
    }
  })
}

/** Rounding makes a line through equal numbers not quite level. */
export const isFlat = ({ rise, mayRise }: Slope): boolean => rise <= mayRise + 1e-6

const text = (value: number): string => String(Number(value.toFixed(2)))

export function slopeTable(slopes: readonly Slope[]): string {
  return tableText(
    ['second half', 'first', 'last', 'largest of all', 'slope per 100,000', 'rise', 'may rise', ''],
    slopes.map((slope) => [
      MEASURES[slope.name].label,
      text(slope.first),
      text(slope.last),
      text(slope.largest),
      text(slope.slope),
      text(slope.rise),
      text(slope.mayRise),
      isFlat(slope) ? 'flat' : 'RISES',
    ]),
  )
}
