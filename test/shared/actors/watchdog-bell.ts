// Actors for watchdog-bell-orders.test.ts: workers that begin a run each, and the watchdog, which must not sleep beyond
// their deadlines.

import { workerWord } from '../../../src/shared/layout.js'
import { RunWord } from '../../../src/shared/run-word.js'
import { LONGEST_SLEEP_MS, WatchdogBell } from '../../../src/shared/watchdog-bell.js'
import type { Actor } from '../../support/lockstep-words.js'

export interface BellMemory {
  readonly control: SharedArrayBuffer
}

export const createBellMemory = (): BellMemory & Record<string, SharedArrayBuffer> => ({
  control: new SharedArrayBuffer(4 * workerWord(2, 0)),
})

const begins =
  (worker: number, deadlineMs: number): Actor<BellMemory> =>
  ({ control }) => {
    const words = new Int32Array(control)
    const word = new RunWord(words, worker)
    const bell = new WatchdogBell(words)
    return () => {
      word.begin(1, deadlineMs)
      bell.expect(deadlineMs)
    }
  }

/** As the watchdog thread at instant 0; ends when it would sleep until `untilMs` at the latest. */
const sleepsUntil =
  (untilMs: number): Actor<BellMemory> =>
  ({ control }, log) => {
    const words = new Int32Array(control)
    const workers = [new RunWord(words, 0), new RunWord(words, 1)]
    const bell = new WatchdogBell(words)
    const next = (): number => Math.min(LONGEST_SLEEP_MS, ...workers.map((word) => word.untilDueMs(0)))
    return () => {
      for (;;) {
        const seen = bell.read()
        const dueMs = next()
        if (dueMs <= untilMs) {
          log(dueMs)
          return
        }
        const pauseMs = bell.announce(0, dueMs)
        if (next() >= pauseMs) bell.sleep(seen, Number.POSITIVE_INFINITY)
      }
    }
  }

export const actors: Record<string, Actor<BellMemory>> = {
  begins: begins(0, 100),
  beginsWithLess: begins(1, 50),
  sleepsUntil100: sleepsUntil(100),
  sleepsUntil50: sleepsUntil(50),
}
