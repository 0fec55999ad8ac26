// How a worker thread yields to others. On Linux a nice value belongs to a thread, elsewhere to the whole process, which a
// worker must not touch.
//
// What it is for: a worker that is woken would otherwise take the core from whoever woke it, the main thread, each time.
// What it costs: it does not take the core from a stranger's endless computation either, but waits for its turn.

import { getPriority, setPriority } from 'node:os'
import { platform } from 'node:process'

const CALLING_THREAD = 0
const LAST_NICE = 19

/** Of the calling thread, for its whole life. Where the system refuses, nothing happens. */
export function lowerPriority(niceIncrement: number): void {
  if (platform !== 'linux' || niceIncrement === 0) return
  try {
    setPriority(CALLING_THREAD, Math.min(LAST_NICE, getPriority(CALLING_THREAD) + niceIncrement))
  } catch {
    // A process that may not ask for less: all its threads stay equal.
  }
}
