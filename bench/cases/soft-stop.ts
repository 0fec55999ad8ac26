// How late is an endless run stopped, and when does the next one begin?
//
// An endless loop says every 10 µs that it is there (a printed line), up to its stop; the run behind it says when it
// begins. "late" is from the deadline to the last sign of life: the median of a sample, and the latest. "ready" is from
// there to the first instruction of the next run: traceback, error, outcome, claim, a fresh memory. With one worker.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import type { BenchCase, Goal, Measurement, Question } from '../case.js'
import { percentile } from '../statistics.js'
import type { StopEngine } from '../stops.js'

const TIMEOUT_MS = 5
/** Some 10 µs. */
const TURNS = 2_500
/** So many short runs make the engine let a run lie ready behind the endless one. */
const SHORT_RUNS = 64

const GOALS: readonly Goal[] = [
  { figure: 'readyMs', atMost: 1 },
  { figure: 'latestMs', atMost: 20 },
]

interface StopTimes {
  readonly lateMs: number
  readonly readyMs: number
}

/** Asleep and not busy: main's core is free for others, as where a host waits for a disk. */
function blockMainThread(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

async function stopOnce(
  stops: StopEngine,
  lies: 'ready' | 'in line',
  whileStopped: () => void,
): Promise<StopTimes> {
  for (;;) {
    const before = lies === 'ready' ? SHORT_RUNS : 0
    await Promise.all(Array.from({ length: before }, () => stops.now()))
    const stopping = stops.stop(TURNS, { timeoutMs: TIMEOUT_MS })
    const following = stops.now()
    whileStopped()
    const [stopped, nextSeconds] = [await stopping, await following]
    if (stopped === undefined) continue
    const { beginSeconds, lastSeconds } = stopped
    return {
      lateMs: (lastSeconds - beginSeconds) * 1_000 - TIMEOUT_MS,
      readyMs: (nextSeconds - lastSeconds) * 1_000,
    }
  }
}

async function measureStops(forMs: number, once: () => Promise<StopTimes>): Promise<Measurement> {
  const startMs = performance.now()
  const times: StopTimes[] = []
  do times.push(await once())
  while (performance.now() - startMs < forMs)
  const ready = times.map(({ readyMs }) => readyMs)
  const late = times.map(({ lateMs }) => lateMs)
  return {
    figures: {
      readyMs: percentile(ready, 0.5),
      readyP90Ms: percentile(ready, 0.9),
      lateMs: percentile(late, 0.5),
      latestMs: Math.max(...late),
    },
  }
}

function stopCase(name: string, lies: 'ready' | 'in line', whileStopped: () => void): BenchCase {
  return {
    name,
    contender: 'moonpool',
    goals: GOALS,
    open: async () => {
      const { StopEngine } = await import('../stops.js')
      const stops = await StopEngine.open()
      const once = (): Promise<StopTimes> => stopOnce(stops, lies, whileStopped)
      return {
        check: async () => {
          const { lateMs, readyMs } = await once()
          // On a busy machine the worker may get no time before its deadline.
          assert.ok(lateMs >= -TIMEOUT_MS && readyMs > 0, `${lateMs} ms late, ready after ${readyMs} ms`)
        },
        measure: (forMs) => measureStops(forMs, once),
        cleanup: () => stops.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'How late is an endless run stopped, and when does the next one begin?',
  cases: [
    stopCase('moonpool, the next run lies ready', 'ready', () => {}),
    stopCase('moonpool, it lies ready and main is blocked', 'ready', () => blockMainThread(4 * TIMEOUT_MS)),
    stopCase("moonpool, it waits in its tenant's line", 'in line', () => {}),
  ],
  comparisons: [],
  plots: [
    { kind: 'bars', figure: 'readyMs' },
    { kind: 'bars', figure: 'latestMs' },
  ],
}
