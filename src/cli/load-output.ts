// What a load test came to: as a text and as JSON.

import { durationText, type Percentiles } from './latencies.js'
import type { Recording } from './load-recorder.js'
import { tableText } from './table.js'
import { jsonText } from './terminal.js'

/** What was asked for, and of whom. */
export interface LoadPlan {
  readonly file: string
  /** Arrivals per second, and for how many seconds. */
  readonly rate: number
  readonly duration: number
  readonly prefixes: number
  readonly threads: number
}

export interface LoadResult extends LoadPlan {
  readonly recording: Recording
  readonly hits: number
  readonly misses: number
}

/** undefined: nothing was read. */
export function hitRate({ hits, misses }: LoadResult): number | undefined {
  return hits + misses === 0 ? undefined : hits / (hits + misses)
}

/** 12,345 */
export const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',')

export const seriesText = ({ p50Ms, p90Ms, p99Ms, p999Ms, maxMs }: Percentiles): string[] =>
  [p50Ms, p90Ms, p99Ms, p999Ms, maxMs].map((ms) => durationText(ms * 1000))

type Fact = readonly [name: string, figure: string]

export function planFacts({ rate, duration, prefixes, threads }: LoadPlan): Fact[] {
  return [
    ['asked for', `${grouped(rate)} runs/s for ${duration} s, evenly spaced (open loop)`],
    ['prefixes', grouped(prefixes)],
    ['worker threads', grouped(threads)],
  ]
}

export function resultFacts(result: LoadResult): Fact[] {
  const { arrivals, completed, failed, unfinished, failures, seconds } = result.recording
  const codes = [...failures].map(([code, count]) => `${grouped(count)} × ${code}`).join(', ')
  const left: Fact[] = unfinished === 0 ? [] : [['unfinished', grouped(unfinished)]]
  return [
    ['arrived', grouped(arrivals)],
    ['completed', `${grouped(completed)}, ${grouped(completed / seconds)}/s`],
    ['failed', failed === 0 ? '0' : codes],
    ...left,
    ['cache hit rate', hitRateText(result)],
  ]
}

function hitRateText(result: LoadResult): string {
  const part = hitRate(result)
  if (part === undefined) return 'nothing was read'
  return `${(part * 100).toFixed(1)} % of ${grouped(result.hits + result.misses)} reads`
}

/** Rows of percentiles: p50, p90, p99, p99.9, max. */
export function percentileRows({ latencies, service, lateness, loopDelay }: Recording): [string, string[]][] {
  return [
    ['latency, from when a run was due', seriesText(latencies.percentiles())],
    ['from when it was begun', seriesText(service.percentiles())],
    ['begun late by', seriesText(lateness.percentiles())],
    ['event-loop delay', seriesText(loopDelay)],
  ]
}

export const PERCENTILE_HEAD: readonly string[] = ['', 'p50', 'p90', 'p99', 'p99.9', 'max']

const lines = (facts: readonly Fact[]): string =>
  facts.map(([name, figure]) => `${name.padEnd(16)}${figure}`).join('\n')

/** Shown while it goes on. */
export function planText(plan: LoadPlan): string {
  return `${plan.file}\n${lines(planFacts(plan))}`
}

export function resultText(result: LoadResult): string {
  const rows = percentileRows(result.recording).map(([name, figures]) => [name, ...figures])
  return `${lines(resultFacts(result))}\n${tableText(PERCENTILE_HEAD, rows)}`
}

export function loadJson(result: LoadResult): string {
  const { recording, ...asked } = result
  const { latencies, service, lateness, loopDelay, failures, slices, ...counts } = recording
  return jsonText({
    ok: counts.failed + counts.unfinished === 0,
    ...asked,
    hitRate: hitRate(result) ?? null,
    ...counts,
    failures: Object.fromEntries(failures),
    latency: latencies.percentiles(),
    service: service.percentiles(),
    lateness: lateness.percentiles(),
    eventLoopDelay: loopDelay,
    slices,
  })
}
