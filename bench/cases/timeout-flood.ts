// What do a hundred timeouts a second of one tenant cost the others?
//
// One worker. Another tenant keeps 16 runs in flight: for 100 ms alone, for 100 ms beside a tenant whose endless runs time
// out after 1 ms, a hundred a second, and so on in turn. "lost per held" is the part of their rate that the others lost,
// divided by the part of the time that those runs held the worker, from their first instruction to their last sign of life
// (a printed line every 50 µs; half of that is added, which is what lies behind the last one on average). 1 is what any
// run of that length would have cost.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import type { Measurement, OpenCase, Question } from '../case.js'
import { countRounds, pairRounds, type Way } from '../paired.js'
import { median } from '../statistics.js'
import type { StopEngine } from '../stops.js'

const TIMEOUTS_PER_SECOND = 100
const TIMEOUT_MS = 1
const TURNS = 12_500
const IN_FLIGHT = 16
const PART_MS = 100

interface Part {
  readonly perMs: number
  readonly heldMs: readonly number[]
  readonly ms: number
}

async function runPart(stops: StopEngine, forMs: number, isFlooded: boolean): Promise<Part> {
  const startMs = performance.now()
  const endMs = startMs + forMs
  let runs = 0
  const lane = async (key: string): Promise<void> => {
    while (performance.now() < endMs) {
      await stops.script.call('steady', [key], { cachePrefix: 'steady' })
      runs++
    }
  }
  const holds: Promise<number>[] = []
  const hold = async (): Promise<number> => {
    const stopped = await stops.stop(TURNS, {
      timeoutMs: TIMEOUT_MS,
      cachePrefix: 'flood',
    })
    if (stopped === undefined) return 0
    const { beginSeconds, lastSeconds, stepSeconds } = stopped
    return (lastSeconds + stepSeconds / 2 - beginSeconds) * 1_000
  }
  const timer = setInterval(() => {
    // A timer that came late makes up for it: the rate is what was promised.
    const due = Math.min(forMs, performance.now() - startMs) * (TIMEOUTS_PER_SECOND / 1_000)
    while (isFlooded && holds.length < due - 1) holds.push(hold())
  }, 2)
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => lane(`key ${n}`)))
  const ms = performance.now() - startMs
  clearInterval(timer)
  return { perMs: runs / ms, heldMs: await Promise.all(holds), ms }
}

async function measureFlood(stops: StopEngine, forMs: number): Promise<Measurement> {
  const heldMs: number[] = []
  let floodedMs = 0
  const alone: Way = async (ms) => (await runPart(stops, ms, false)).perMs
  const flooded: Way = async (forPartMs) => {
    const { perMs, heldMs: held, ms } = await runPart(stops, forPartMs, true)
    heldMs.push(...held)
    floodedMs += ms
    return perMs
  }
  const kept = await pairRounds(countRounds(2 * forMs, PART_MS), PART_MS, flooded, alone)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const lost = 1 - median(kept)
  const held = sum(heldMs) / floodedMs
  return { figures: { lostPerHeld: lost / held, heldMs: sum(heldMs) / heldMs.length } }
}

async function openFlood(): Promise<OpenCase> {
  const { StopEngine } = await import('../stops.js')
  const stops = await StopEngine.open()
  return {
    check: async () => {
      const { heldMs } = await runPart(stops, PART_MS, true)
      assert.ok(heldMs.length >= 5 && median(heldMs) > TIMEOUT_MS / 2, heldMs.join())
    },
    measure: (forMs) => measureFlood(stops, forMs),
    cleanup: () => stops.close(),
  }
}

export const question: Question = {
  text: 'What do a hundred timeouts a second of one tenant cost the others?',
  cases: [
    {
      name: 'moonpool, runs of some microseconds beside them',
      contender: 'moonpool',
      isSlow: true,
      goals: [{ figure: 'lostPerHeld', atMost: 1.2 }],
      open: openFlood,
    },
  ],
  comparisons: [],
  plots: [{ kind: 'bars', figure: 'lostPerHeld' }],
}
