// Arrivals of the open loop, on a clock of the test's own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrive, type OpenLoop, type Pace, realPace } from '../../src/cli/arrivals.js'

/** Time passes only by waiting, and by `stallMs` inside an arrival. */
class FakePace implements Pace {
  #nowMs = 1000
  readonly waits: number[] = []

  nowMs(): number {
    return this.#nowMs
  }

  pass(ms: number): void {
    this.#nowMs += ms
  }

  wait(ms: number, then: () => void): () => void {
    this.waits.push(ms)
    const immediate = setImmediate(() => {
      this.#nowMs += Math.max(0, ms)
      then()
    })
    return () => clearImmediate(immediate)
  }
}

interface Arrival {
  readonly dueMs: number
  readonly nowMs: number
}

async function arrivals(
  given: Partial<OpenLoop> & { readonly pace: FakePace },
  onEach: (count: number) => void = () => {},
): Promise<Arrival[]> {
  const seen: Arrival[] = []
  await arrive({
    ratePerSecond: 100,
    durationMs: 1000,
    signal: new AbortController().signal,
    onArrival: (dueMs, nowMs) => {
      seen.push({ dueMs: dueMs - 1000, nowMs: nowMs - 1000 })
      onEach(seen.length)
    },
    ...given,
  })
  return seen
}

test('arrivals: as many as rate times duration, evenly spaced from the start on', async () => {
  const seen = await arrivals({ pace: new FakePace() })
  assert.equal(seen.length, 100)
  assert.deepEqual(
    seen.map(({ dueMs }) => Math.round(dueMs)),
    Array.from({ length: 100 }, (_, index) => index * 10),
  )
  assert.ok(seen.every(({ dueMs, nowMs }) => nowMs >= dueMs && nowMs - dueMs < 1))
})

test('arrivals: at least one, and fractions of a rate', async () => {
  const one = await arrivals({ pace: new FakePace(), ratePerSecond: 0.1, durationMs: 100 })
  assert.deepEqual(one, [{ dueMs: 0, nowMs: 0 }])
  const seen = await arrivals({ pace: new FakePace(), ratePerSecond: 0.5, durationMs: 10_000 })
  assert.deepEqual(
    seen.map(({ dueMs }) => dueMs),
    [0, 2000, 4000, 6000, 8000],
  )
})

test('arrivals: a stall makes none fewer and forgets no moment at which one was due', async () => {
  const pace = new FakePace()
  const seen = await arrivals({ pace }, (count) => {
    if (count === 10) pace.pass(500)
  })
  assert.equal(seen.length, 100)
  const late = seen.filter(({ dueMs, nowMs }) => nowMs - dueMs >= 1)
  assert.deepEqual(
    [late.length, Math.round(late[0]?.dueMs ?? 0), Math.round(late[0]?.nowMs ?? 0)],
    [49, 100, 590],
  )
  assert.equal(seen[99]?.dueMs, 990)
})

test('arrivals: after a long stall others get their turn between the overdue ones', async () => {
  const pace = new FakePace()
  const seen = await arrivals({ pace, ratePerSecond: 1000 }, (count) => {
    if (count === 1) pace.pass(1000)
  })
  assert.equal(seen.length, 1000)
  assert.equal(pace.waits.filter((ms) => ms <= 0).length, 4)
})

test('arrivals: an abort ends them, in the middle of a long wait, too', async () => {
  const controller = new AbortController()
  const seen = await arrivals({ pace: new FakePace(), signal: controller.signal }, (count) => {
    if (count === 5) controller.abort()
  })
  assert.equal(seen.length, 5)
  const waiting = new AbortController()
  const real = arrive({
    ratePerSecond: 0.1,
    durationMs: 86_400_000,
    pace: realPace,
    signal: waiting.signal,
    onArrival: () => setImmediate(() => waiting.abort()),
  })
  await real
  let count = 0
  await arrive({
    ratePerSecond: 1,
    durationMs: 1000,
    pace: realPace,
    signal: AbortSignal.abort(),
    onArrival: () => count++,
  })
  assert.equal(count, 0)
})
