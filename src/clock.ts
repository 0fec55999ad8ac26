// Time, one origin in all threads.
//
// performance.now() starts at zero in each thread. The engine therefore picks an origin on the system's monotonic
// clock (process.hrtime, the same in all threads) and each thread computes once how far its own performance.now()
// is from it. Wall-clock changes move nothing. Tests move `nowMs` of all threads by one shared cell.

import { performance } from 'node:perf_hooks'

export interface Clock {
  /** Milliseconds since the engine's origin, fractions included; what TTLs are measured with. */
  nowMs(): number
  /** The same without the shift of tests; what deadlines and durations are measured with. */
  monotonicMs(): number
  /** Whether the first may jump: tests may let it. Otherwise both are the same. */
  readonly canShift: boolean
}

/** What a thread needs to join the engine's clock; can be posted to a worker. */
export interface ClockOrigin {
  readonly originNs: bigint
  /** One float64: milliseconds added to `nowMs` in every thread. Written by tests only, while nothing runs. */
  readonly shiftCell: SharedArrayBuffer
  readonly canShift: boolean
}

/** `canShift`: for tests. */
export function createClockOrigin(canShift = false): ClockOrigin {
  return { originNs: process.hrtime.bigint(), shiftCell: new SharedArrayBuffer(8), canShift }
}

/** Reads both clocks close together, several times: an interruption between two reads would shift this thread. */
function measureOffsetMs(originNs: bigint): number {
  let bestGapMs = Number.POSITIVE_INFINITY
  let offsetMs = 0
  for (let attempt = 0; attempt < 16; attempt++) {
    const before = performance.now()
    const hrtime = process.hrtime.bigint()
    const after = performance.now()
    if (after - before >= bestGapMs) continue
    bestGapMs = after - before
    offsetMs = Number(hrtime - originNs) / 1e6 - (before + after) / 2
  }
  return offsetMs
}

export function createClock(origin: ClockOrigin): Clock {
  const offsetMs = measureOffsetMs(origin.originNs)
  const shiftMs = new Float64Array(origin.shiftCell)
  return {
    nowMs: () => performance.now() + offsetMs + (shiftMs[0] as number),
    monotonicMs: () => performance.now() + offsetMs,
    canShift: origin.canShift,
  }
}

/** For tests: moves `nowMs` of every thread that shares this origin. */
export function shiftClock(origin: ClockOrigin, byMs: number): void {
  if (!origin.canShift) throw new Error('this clock was made not to be shifted')
  const cell = new Float64Array(origin.shiftCell)
  cell[0] = (cell[0] as number) + byMs
}
