// Engines whose insides a test can look at and break: threads to terminate, places and pins to count.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { createClockOrigin } from '../../src/clock.js'
import type { Dispatcher, DispatcherConfig } from '../../src/dispatch/contract.js'
import { createDispatcher, exposePartsForTests } from '../../src/dispatch/dispatcher.js'
import type { DispatcherParts } from '../../src/dispatch/dispatcher-parts.js'
import { createEngineWith } from '../../src/engine.js'
import type { Engine, EngineOptions } from '../../src/index.js'

export interface InspectedEngine {
  readonly engine: Engine
  readonly parts: DispatcherParts
  readonly config: DispatcherConfig
}

export async function startInspectedEngine(
  t: TestContext,
  options: EngineOptions = {},
  changes: Partial<DispatcherConfig> = {},
): Promise<InspectedEngine> {
  let dispatcher: Dispatcher | undefined
  let config: DispatcherConfig | undefined
  const engine = await createEngineWith(
    { threads: 1, ...options },
    {
      clockOrigin: createClockOrigin(),
      createDispatcher: async (given) => {
        config = { ...given, ...changes }
        dispatcher = await createDispatcher(config)
        return dispatcher
      },
    },
  )
  t.after(() => engine.close())
  return { engine, parts: exposePartsForTests(dispatcher as Dispatcher), config: config as DispatcherConfig }
}

/** The threads that are booted now. */
export function readyThreads({ slots }: DispatcherParts): Worker[] {
  return slots.all.flatMap((slot) =>
    slot.state === 'ready' && slot.worker !== undefined ? [slot.worker] : [],
  )
}

/** Resolves when all threads are ready, the spare one too; bounded by the test's own timeout. */
export async function untilReady(parts: DispatcherParts): Promise<void> {
  while (readyThreads(parts).length < parts.slots.all.length) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Threads that start from now on do not boot before the test lets them go. */
export function holdBackThreads({ slots }: DispatcherParts): () => void {
  const held: Parameters<typeof slots.onStarted>[] = []
  const onStarted = slots.onStarted.bind(slots)
  slots.onStarted = (...arrival) => void held.push(arrival)
  return () => {
    slots.onStarted = onStarted
    for (const arrival of held.splice(0)) onStarted(...arrival)
  }
}

/** Nothing is accepted, queued, claimed or pinned by a run. */
export function assertNothingLeft(parts: DispatcherParts): void {
  const { ledger, admission, feeder } = parts
  assert.deepEqual(
    {
      accepted: ledger.size,
      waiting: admission.size,
      shared: feeder.sharedRuns,
      unclaimed: feeder.unclaimed,
    },
    { accepted: 0, waiting: 0, shared: 0, unclaimed: 0 },
  )
}

/** A small generator of random numbers that can be repeated: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
