// Durations of runs: percentiles by Node's histogram, and counts in steps of 1, 2, 5 for a picture of them.

import { createHistogram, type Histogram, type RecordableHistogram } from 'node:perf_hooks'

const NS_PER_US = 1000
export const NS_PER_MS = 1e6
const BAR_CHARACTERS = 40

/** Upper ends of the steps in microseconds: 1, 2, 5, 10 … 500,000,000; beyond, the last one has no end. */
const STEP_ENDS_US: readonly number[] = Array.from({ length: 27 }, (_, index) => {
  return ([1, 2, 5][index % 3] as number) * 10 ** Math.floor(index / 3)
})

export interface LatencyStep {
  readonly fromUs: number
  /** Not included; null: no end. */
  readonly toUs: number | null
  readonly count: number
}

/** Milliseconds; 0 where nothing was recorded. */
export interface Percentiles {
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

export class Latencies {
  readonly #histogram: RecordableHistogram = createHistogram()
  readonly #counts = new Float64Array(STEP_ENDS_US.length + 1)

  get count(): number {
    return this.#histogram.count
  }

  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * NS_PER_MS)))
    const us = (ms * NS_PER_MS) / NS_PER_US
    const index = STEP_ENDS_US.findIndex((end) => us < end)
    const step = index < 0 ? STEP_ENDS_US.length : index
    this.#counts[step] = (this.#counts[step] as number) + 1
  }

  percentileMs(percentile: number): number {
    return this.count === 0 ? 0 : this.#histogram.percentile(percentile) / NS_PER_MS
  }

  percentiles(): Percentiles {
    return percentilesOf(this.#histogram)
  }

  /** From the first step with a run in it to the last one. */
  steps(): LatencyStep[] {
    const all = Array.from(this.#counts, (count, index) => ({
      fromUs: STEP_ENDS_US[index - 1] ?? 0,
      toUs: STEP_ENDS_US[index] ?? null,
      count,
    }))
    const first = all.findIndex(({ count }) => count > 0)
    const last = all.findLastIndex(({ count }) => count > 0)
    return first < 0 ? [] : all.slice(first, last + 1)
  }
}

/** `offsetMs` is part of every recorded value and not of the duration. */
export function percentilesOf(histogram: Histogram, offsetMs = 0): Percentiles {
  const ms = (ns: number): number => (histogram.count === 0 ? 0 : Math.max(0, ns / NS_PER_MS - offsetMs))
  return {
    p50Ms: ms(histogram.percentile(50)),
    p90Ms: ms(histogram.percentile(90)),
    p99Ms: ms(histogram.percentile(99)),
    p999Ms: ms(histogram.percentile(99.9)),
    maxMs: ms(histogram.max),
  }
}

/** One row a step, the bars in proportion to the fullest. */
export function histogramText(steps: readonly LatencyStep[]): string {
  const most = Math.max(...steps.map(({ count }) => count))
  return steps
    .map(({ fromUs, toUs, count }) => {
      const range = toUs === null ? `from ${durationText(fromUs)}` : `to ${durationText(toUs)}`
      const bar = '█'.repeat(Math.ceil((count / most) * BAR_CHARACTERS))
      return `${range.padStart(12)} ${bar.padEnd(BAR_CHARACTERS)} ${count}`
    })
    .join('\n')
}

/** Microseconds in the unit that reads best. */
export function durationText(us: number): string {
  const [value, unit] = us < 1000 ? [us, 'µs'] : us < 1e6 ? [us / 1000, 'ms'] : [us / 1e6, 's']
  return `${Number(value.toPrecision(3))} ${unit}`
}

export const millisecondsText = (ms: number): string => durationText(ms * 1000)
