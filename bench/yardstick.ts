// The yardstick: hot reads of an lru-cache in one thread, no engine anywhere. It is read in every run of the bench, so
// that goals written for the reference machine can be scaled to this one, and results of two machines compared.

import type { Bound } from './case.js'
import type { FigureName } from './figures.js'

/** The case that is read, whatever else was asked for. */
export const YARDSTICK_FILE = 'plain-js-get'
export const YARDSTICK_CASE = '1,000 hot keys'

/** What that case read on the machine on which the goals were set. */
export const REFERENCE_PER_SECOND = 7_000_000

/** A goal on a machine that is `speed` times as fast as the reference: rates grow with it, times shrink. */
export function scaleGoal(figure: FigureName, bound: Bound, speed: number): Bound {
  const factor = figure === 'perSecond' ? speed : 1 / speed
  return {
    ...(bound.atLeast === undefined ? {} : { atLeast: bound.atLeast * factor }),
    ...(bound.atMost === undefined ? {} : { atMost: bound.atMost * factor }),
  }
}

export function isWithin(value: number, { atLeast, atMost }: Bound): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
}
