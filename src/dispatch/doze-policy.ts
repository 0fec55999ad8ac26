// How many outcomes main waits for while workers have short runs before them, and whether it sleeps until then.
//
// It is rung while the worker has about WAKING_US of work left, so no worker runs dry meanwhile. A wake-up costs main 20 µs
// and the worker 10. Where workers take all cores, that is less than polling takes from them, so main dozes for few outcomes
// too, if they take MIN_DOZE_US. With a core of its own it would cost throughput: of runs of tens of microseconds as few lie
// ahead that the wake-ups would cost the worker 5 to 10 %; so there main polls beside them.
//
// Beside runs of few microseconds main has nothing to gain by sleeping: settling them takes it nearly as long as the worker
// takes to run them. But it loses by looking at each turn: every look takes cache lines from the worker that it writes
// to for the next outcome, and the worker's runs take 4 % longer. So with a core of its own main watches the
// doorbell, which no worker writes to before it rings. Where cores are short it would watch a worker that has none: there it
// sleeps beside those as well (core-pressure.ts; with one busy thread more than cores, watching would cost a fifth of the runs).

import type { CorePressure } from './core-pressure.js'

/** So many outcomes are worth being woken for, */
const MIN_DOZE_OUTCOMES = 4
/** and fewer are where main sleeps so long for them. */
const MIN_DOZE_US = 50
/** With a core of its own main polls beside less than so much. */
const MIN_RUNS_WITH_OWN_CORE = 2 * MIN_DOZE_OUTCOMES
const MAX_DOZE_OUTCOMES = 48
/** A worker is left so much work to do until main is awake, */
const WAKING_US = 60
/** but no more than so many runs, or half of what it had. */
const RUNS_WHILE_WAKING = 20
/** Main sleeps beside runs that take longer than this, whatever core it has: about twice what one costs it. */
const MAX_WATCHED_RUN_US = 5
/** Fewer come so soon that main polls. */
const MIN_WATCHED_OUTCOMES = 16
/** Later than so many times what they take, not counting what lies between two runs, a worker has no core to run on. */
const LATE_FACTOR = 2.5

export interface DozeFacts {
  /** Runs that one working thread has before it, about; 0 when they are slow. */
  readonly runsAhead: () => number
  /** What a run takes, about. */
  readonly runUs: () => number
  /** Whether there is a core for main beside those of the workers. */
  readonly hasOwnCore: boolean
  /** Whether others want it as well. */
  readonly pressure: Pick<CorePressure, 'isHigh'>
}

/** Whether main, if it waits, watches first. */
function watches({ runUs, hasOwnCore, pressure }: DozeFacts): boolean {
  return hasOwnCore && runUs() <= MAX_WATCHED_RUN_US && !pressure.isHigh
}

/** So many of one worker; 0 when too few are to be expected. */
export function outcomesWorthWaiting(facts: DozeFacts): number {
  const runs = facts.runsAhead()
  if (runs === 0) return 0
  const eachUs = Math.max(1, facts.runUs())
  // The worker has another run in hand by then.
  const runsLeft = Math.min(RUNS_WHILE_WAKING, Math.ceil(WAKING_US / eachUs) - 1)
  const outcomes = Math.min(MAX_DOZE_OUTCOMES, Math.max(runs >> 1, runs - runsLeft))
  return isWorthWaiting(facts, runs, outcomes, eachUs) ? outcomes : 0
}

function isWorthWaiting(facts: DozeFacts, runs: number, outcomes: number, eachUs: number): boolean {
  if (!facts.hasOwnCore) return outcomes >= MIN_DOZE_OUTCOMES || outcomes * eachUs >= MIN_DOZE_US
  return watches(facts) ? outcomes >= MIN_WATCHED_OUTCOMES : runs >= MIN_RUNS_WITH_OWN_CORE
}

/** How long main watches for so many outcomes before it sleeps. */
export function watchUs(outcomes: number, facts: DozeFacts): number {
  return watches(facts) ? LATE_FACTOR * outcomes * Math.max(1, facts.runUs()) : 0
}
