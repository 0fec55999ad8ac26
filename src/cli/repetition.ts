// The same run again and again, a fixed number of them at a time.

import { performance } from 'node:perf_hooks'
import { Latencies } from './latencies.js'

export interface Repetition {
  /** After the first one, which the caller has seen end well. */
  readonly runs: number
  /** How long the first one took. */
  readonly firstMs: number
  readonly concurrency: number
  /** Asked before each run; true ends the repetition early, and what ends afterwards does not count. */
  readonly isStopped: () => boolean
  /** Called after each run. */
  readonly onDone: () => void
}

/** What came of it, the first run included. */
export interface RepetitionResult {
  readonly runs: number
  readonly failed: number
  /** Of the runs that ended well. */
  readonly latencies: Latencies
  readonly firstError: unknown
  /** Failed runs by the error's code. */
  readonly failures: ReadonlyMap<string, number>
  readonly seconds: number
}

/** `codeOf` names a failure. */
export async function repeat(
  run: () => Promise<unknown>,
  { runs, concurrency, firstMs, isStopped, onDone }: Repetition,
  codeOf: (error: unknown) => string,
): Promise<RepetitionResult> {
  const latencies = new Latencies()
  const failures = new Map<string, number>()
  let firstError: unknown
  let failed = 0
  let begun = 0
  const lane = async (): Promise<void> => {
    while (begun < runs && !isStopped()) {
      begun++
      const startMs = performance.now()
      try {
        await run()
        latencies.record(performance.now() - startMs)
      } catch (error) {
        if (isStopped()) return
        const code = codeOf(error)
        failures.set(code, (failures.get(code) ?? 0) + 1)
        firstError ??= error
        failed++
      }
      onDone()
    }
  }
  latencies.record(firstMs)
  const startMs = performance.now()
  await Promise.all(Array.from({ length: Math.min(concurrency, runs) }, lane))
  const seconds = (performance.now() - startMs + firstMs) / 1000
  return { runs: latencies.count + failed, failed, latencies, firstError, failures, seconds }
}
