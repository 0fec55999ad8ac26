// How the command run shows what came of it.

import { inspect } from 'node:util'
import type { ErrorFacts } from './error-report.js'
import { histogramText, millisecondsText } from './latencies.js'
import type { RepetitionResult } from './repetition.js'
import { paletteFor, writeOut } from './terminal.js'

interface JsonOutput {
  readonly ok: boolean
  readonly error?: ErrorFacts
  readonly [name: string]: unknown
}

export function writeJson(output: JsonOutput): void {
  writeOut(JSON.stringify(output))
}

/** As Node shows values; sorted, because a Lua table has its keys in another order every time. */
export function showResult(result: unknown): void {
  const { isColoured: colors } = paletteFor(process.stdout)
  writeOut(
    inspect(result, { colors, sorted: true, depth: null, maxArrayLength: null, maxStringLength: null }),
  )
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
