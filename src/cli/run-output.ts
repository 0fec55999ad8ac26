// How the command run shows what came of it.

import { inspect } from 'node:util'
import type { ErrorFacts } from './error-report.js'
import { histogramText, millisecondsText } from './latencies.js'
import type { RepetitionResult } from './repetition.js'
import { harmlessInspected, jsonText, paletteFor, writeOut } from './terminal.js'

interface JsonOutput {
  readonly ok: boolean
  readonly error?: ErrorFacts
  readonly [name: string]: unknown
}

export function writeJson(output: JsonOutput): void {
  writeOut(jsonText({ ...output, ...('result' in output ? { result: sorted(output.result) } : {}) }))
}

/** A Lua table has its keys in another order every time; what is shown of it has not, so that it can be compared. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}

/** As Node shows values. */
export function showResult(result: unknown): void {
  const { isColoured: colors } = paletteFor(process.stdout)
  const all = { depth: null, maxArrayLength: null, maxStringLength: null }
  writeOut(harmlessInspected(inspect(result, { ...all, colors, sorted: true })))
}

export function showFigures({ latencies, failures, failed, runs, seconds }: RepetitionResult): void {
  const { p50Ms, p99Ms } = latencies.percentiles()
  const counts = [...failures].map(([code, count]) => `, ${count} × ${code}`).join('')
  writeOut(`\n${runs} runs in ${millisecondsText(seconds * 1000)}, ${failed} failed${counts}`)
  writeOut(
    `${Math.round(runs / seconds)} runs/s, p50 ${millisecondsText(p50Ms)}, p99 ${millisecondsText(p99Ms)}\n`,
  )
  writeOut(histogramText(latencies.steps()))
}
