// Actors for run-word-orders.test.ts: a worker that runs 1 and then 2, the watchdog that arms its VM, main that stops it.
//
// The VM is one word, the hook: the watchdog sets it while it arms, and the worker clears it by restoring.

import { workerWord } from '../../../src/shared/layout.js'
import { RunWord } from '../../../src/shared/run-word.js'
import type { Actor } from '../../support/lockstep-words.js'

export interface RunMemory {
  readonly control: SharedArrayBuffer
  readonly hook: SharedArrayBuffer
}

export const FIRST_DEADLINE_MS = 100
export const SECOND_DEADLINE_MS = 200
/** Logged by the worker: run 1 or 2 was stopped. */
export const STOPPED = 10
/** Logged by the worker: its hook fired in a run that may act. */
export const WRONG_HOOK = 99

export function createRunMemory(): RunMemory & Record<string, SharedArrayBuffer> {
  return { control: new SharedArrayBuffer(4 * workerWord(1, 0)), hook: new SharedArrayBuffer(4) }
}

const wordOf = ({ control }: RunMemory): RunWord => new RunWord(new Int32Array(control), 0)

const main =
  (...kills: ((word: RunWord) => number)[]): Actor<RunMemory> =>
  (memory, log) => {
    const word = wordOf(memory)
    return () => {
      for (const kill of kills) {
        const runId = kill(word)
        if (runId > 0) log(runId)
      }
    }
  }

const RUNS = [
  [1, FIRST_DEADLINE_MS],
  [2, SECOND_DEADLINE_MS],
] as const

/** Without a VM. Logs the runs that ended by themselves; stops at the first that did not. */
const worker: Actor<RunMemory> = (memory, log) => {
  const word = wordOf(memory)
  return () => {
    for (const [runId, deadlineMs] of RUNS) {
      if (!word.begin(runId, deadlineMs) || !word.end()) return
      log(runId)
    }
  }
}

/** Logs how each run ended; stops at the first in which it was killed. */
const workerWithVm: Actor<RunMemory> = (memory, log) => {
  const word = wordOf(memory)
  const hook = new Int32Array(memory.hook)
  return () => {
    for (const [runId, deadlineMs] of RUNS) {
      if (!word.begin(runId, deadlineMs)) return
      Atomics.store(hook, 0, 0)
      if (Atomics.load(hook, 0) !== 0 && word.mayAct()) log(WRONG_HOOK)
      if (word.end()) log(runId)
      else if (word.yield()) log(STOPPED + runId)
      else return
    }
  }
}

/** Arms what is overdue at these instants; logs how often it wrote. */
const watchdog =
  (...nowMs: number[]): Actor<RunMemory> =>
  (memory, log) => {
    const word = wordOf(memory)
    const hook = new Int32Array(memory.hook)
    return () => {
      for (const now of nowMs) {
        if (!word.arm(now)) continue
        Atomics.store(hook, 0, 1)
        word.release()
        log(1)
      }
    }
  }

const whileFirstIsOverdue = (word: RunWord): number => word.killOverdue(FIRST_DEADLINE_MS + 50, 0)
const doom =
  (runId: number) =>
  (word: RunWord): number =>
    word.doom(runId) ? runId : 0

export const actors: Record<string, Actor<RunMemory>> = {
  worker,
  workerWithVm,
  killsTwice: main(
    (word) => word.killCurrent(),
    (word) => word.killCurrent(),
  ),
  killsSecondTwice: main(
    (word) => (word.killRun(2) ? 2 : 0),
    (word) => (word.killRun(2) ? 2 : 0),
  ),
  killsOverdueTwice: main(whileFirstIsOverdue, whileFirstIsOverdue),
  killsFirst: main((word) => (word.killRun(1) ? 1 : 0)),
  doomsFirst: main(doom(1)),
  armsFirst: watchdog(FIRST_DEADLINE_MS + 50),
  armsFirstTwice: watchdog(FIRST_DEADLINE_MS + 50, FIRST_DEADLINE_MS + 50),
  armsBoth: watchdog(SECOND_DEADLINE_MS + 50, SECOND_DEADLINE_MS + 50),
}
