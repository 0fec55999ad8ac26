// Many runs of every kind mixed: each gives what it must, and nothing is more in the end than in the middle.
//
// In rounds: so many calls, always some of them under way at once; then, with none under way, a sample.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { tableText } from '../../../src/cli/table.js'
import { assertNothingLeft, startInspectedEngine, untilReady } from '../inspected-engine.js'
import { MAX_SOAK_RESULT_BYTES, SoakCalls } from './calls.js'
import { type SoakSample, takeSample } from './samples.js'
import { SOAK_KINDS, SoakSchedule } from './schedule.js'
import { isFlat, type Slope, slopesOf, slopeTable } from './slopes.js'

const IN_FLIGHT = 64
const THREADS = 2
/** Nothing ends for so long: something is lost. */
const STALL_MS = 60_000
const MIB = 2 ** 20

export interface SoakOptions {
  readonly runs: number
  readonly samples: number
  readonly seed: number
  readonly onProgress?: (runs: number, sample: SoakSample | undefined) => void
}

export interface SoakResult {
  readonly samples: readonly SoakSample[]
  readonly slopes: readonly Slope[]
  readonly calls: SoakCalls
}

/** Rejects unless all calls gave what they must; whether everything stayed flat is in the result. */
export async function soak(t: TestContext, options: SoakOptions): Promise<SoakResult> {
  const { runs, seed, onProgress = () => {} } = options
  const inspected = await startInspectedEngine(t, {
    threads: THREADS,
    // Small, so that everything that is bounded is full long before the middle.
    cache: { maxEntries: 400, maxBytes: 4 * MIB },
    limits: {
      timeoutMs: 30_000,
      graceMs: 50,
      memoryBytes: 24 * MIB,
      evalScripts: 32,
      imageBytes: 8 * MIB,
      maxResultBytes: MAX_SOAK_RESULT_BYTES,
    },
  })
  const calls = await SoakCalls.open(inspected, new SoakSchedule(seed))
  const samples: SoakSample[] = []
  const roundRuns = Math.ceil(runs / options.samples)
  for (let end = roundRuns; end - roundRuns < runs; end += roundRuns) {
    const from = end - roundRuns
    await makeRound(calls, from, Math.min(end, runs), onProgress)
    await untilReady(inspected.parts)
    assertNothingLeft(inspected.parts)
    const sample = await takeSample(inspected, calls.signal, Math.min(end, runs))
    samples.push(sample)
    onProgress(sample.runs, sample)
  }
  assertAllEnded(calls, runs)
  return { samples, slopes: slopesOf(samples), calls }
}

/** All calls from `next` up to `end`. */
async function makeRound(
  calls: SoakCalls,
  next: number,
  end: number,
  onProgress: NonNullable<SoakOptions['onProgress']>,
): Promise<void> {
  let lastEndMs = performance.now()
  const caller = async (): Promise<void> => {
    while (next < end) {
      await calls.make(next++)
      lastEndMs = performance.now()
    }
  }
  let timer: NodeJS.Timeout | undefined
  const stall = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      onProgress(next, undefined)
      if (performance.now() - lastEndMs > STALL_MS) reject(new Error(`these never end: ${calls.pending}`))
    }, 1000)
  })
  try {
    await Promise.race([Promise.all(Array.from({ length: IN_FLIGHT }, caller)), stall])
  } finally {
    clearInterval(timer)
  }
}

function assertAllEnded(calls: SoakCalls, runs: number): void {
  const { ended, lost, deaths } = calls
  assert.equal(
    Object.values(ended).reduce((total, count) => total + count, 0),
    runs,
  )
  // The run inside, and who waits for the same load.
  assert.ok(lost <= 2 * deaths, `${lost} runs lost by ${deaths} deaths`)
}

export function assertFlat({ slopes }: SoakResult): void {
  const rising = slopes.filter((slope) => !isFlat(slope))
  assert.ok(rising.length === 0, `these rise:\n${slopeTable(rising)}`)
}

export function callTable({ ended, lost, deaths }: SoakCalls): string {
  const rows = SOAK_KINDS.map((kind) => [kind, ended[kind].toLocaleString('en')])
  return tableText(['calls', 'ended as they must'], [...rows, [`lost with ${deaths} threads`, `${lost}`]])
}
