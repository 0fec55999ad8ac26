// Actors for run-word-orders.test.ts: a worker that runs 1 and then 2, and main's ways to stop it.

import { workerWord } from '../../../src/shared/layout.js'
import { RunWord } from '../../../src/shared/run-word.js'
import type { Actor } from '../../support/lockstep-words.js'

export interface RunMemory {
  readonly control: SharedArrayBuffer
}

export const FIRST_DEADLINE_MS = 100
export const SECOND_DEADLINE_MS = 200

export function createRunMemory(): RunMemory & Record<string, SharedArrayBuffer> {
  return { control: new SharedArrayBuffer(4 * workerWord(1, 0)) }
}

const main =
  (...kills: ((word: RunWord) => number)[]): Actor<RunMemory> =>
  ({ control }, log) => {
    const word = new RunWord(new Int32Array(control), 0)
    return () => {
      for (const kill of kills) {
        const runId = kill(word)
        if (runId > 0) log(runId)
      }
    }
  }

/** Logs the runs that ended by themselves; stops at the first that did not. */
const worker: Actor<RunMemory> = ({ control }, log) => {
  const word = new RunWord(new Int32Array(control), 0)
  return () => {
    for (const [runId, deadlineMs] of [
      [1, FIRST_DEADLINE_MS],
      [2, SECOND_DEADLINE_MS],
    ] as const) {
      if (!word.begin(runId, deadlineMs)) return
      if (!word.end()) return
      log(runId)
    }
  }
}

const whileFirstIsOverdue = (word: RunWord): number => word.killOverdue(FIRST_DEADLINE_MS + 50)

export const actors: Record<string, Actor<RunMemory>> = {
  worker,
  killsTwice: main(
    (word) => word.killCurrent(),
    (word) => word.killCurrent(),
  ),
  killsOverdueTwice: main(whileFirstIsOverdue, whileFirstIsOverdue),
}
