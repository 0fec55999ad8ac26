// Do scripts go on reading while the main thread is blocked?

import assert from 'node:assert/strict'
import type { BenchCase, Goal, Point, Question } from '../case.js'
import { MOONPOOL, NAIVE } from '../contenders.js'
import type { Contender } from '../script-host.js'
import { loadWork } from '../works.js'

const PREFIX = 'tenant_123'
/** Of one sample: a quarter free, half of it blocked, a quarter free. With the full plan that half is two seconds. */
const SECONDS_PER_PLANNED_MS = 0.01
const STEPS = 80
const BLOCKED_FROM = 0.25
const BLOCKED_TO = 0.75
/** Steps at the border hold some of both. */
const BORDER_STEPS = 1

/** Asleep, not busy: two threads that work on one core would slow each other, and that is not the question. */
function blockMainThread(untilMs: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(never, 0, 0, Math.max(0, untilMs - performance.now()))
}

/** Reads in blocked steps against reads in free ones. */
function blockedPart(counts: readonly number[]): number {
  const sum = { blocked: 0, free: 0 }
  const steps = { blocked: 0, free: 0 }
  counts.forEach((count, step) => {
    const isNear = (border: number): boolean => Math.abs(step + 0.5 - border * STEPS) < BORDER_STEPS + 0.5
    if (step === 0 || isNear(BLOCKED_FROM) || isNear(BLOCKED_TO)) return
    const kind = step > BLOCKED_FROM * STEPS && step < BLOCKED_TO * STEPS ? 'blocked' : 'free'
    sum[kind] += count
    steps[kind] += 1
  })
  return sum.blocked / steps.blocked / (sum.free / steps.free)
}

function timelineCase(contender: Contender, goals: readonly Goal[] = []): BenchCase {
  const work = 'reads while the main thread is blocked'
  return {
    name: `${contender.name} ${work}`,
    contender: contender.name,
    work,
    isSlow: true,
    goals,
    open: async () => {
      const host = await contender.open(loadWork('timeline'))
      const readAlong = async (seconds: number): Promise<number[]> => {
        const [text] = await host.call('read_along', [seconds, seconds / STEPS], PREFIX)
        return String(text).split(' ').map(Number).slice(0, STEPS)
      }
      return {
        check: async () => {
          assert.deepEqual(await host.call('fill', [], PREFIX), ['value of user 16'])
          const counts = await readAlong(0.2)
          assert.ok(counts.length >= STEPS - 1 && counts.some((count) => count > 0), `${counts}`)
        },
        measure: async (forMs) => {
          const seconds = forMs * SECONDS_PER_PLANNED_MS
          const startMs = performance.now()
          const reading = readAlong(seconds)
          await new Promise((resolve) => setTimeout(resolve, seconds * 1_000 * BLOCKED_FROM))
          blockMainThread(startMs + seconds * 1_000 * BLOCKED_TO)
          const counts = await reading
          const stepSeconds = seconds / STEPS
          const series = counts.map(
            (count, step): Point => ({ x: step * stepSeconds, y: count / stepSeconds }),
          )
          return { figures: { blockedPart: blockedPart(counts) }, series }
        },
        cleanup: () => host.close(),
      }
    },
  }
}

export const question: Question = {
  text: 'Do scripts go on reading while the main thread is blocked?',
  cases: [timelineCase(MOONPOOL, [{ figure: 'blockedPart', atLeast: 0.9 }]), timelineCase(NAIVE)],
  comparisons: [],
  plots: [
    {
      kind: 'timeline',
      xLabel: 'seconds',
      yLabel: 'reads per second',
      shade: { from: BLOCKED_FROM, to: BLOCKED_TO, label: 'main thread blocked' },
    },
  ],
}
