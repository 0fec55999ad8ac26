// The yardstick: hot reads of an lru-cache in one thread, no engine anywhere. It is read in every run of the bench, so
// that goals written for the reference machine can be scaled to this one, and results of two machines compared.

import type { Bound } from './case.js'
import { FIGURES, type FigureName, type Figures } from './figures.js'

/** The case that is read, whatever else was asked for. */
export const YARDSTICK_FILE = 'plain-js-get'
export const YARDSTICK_CASE = '1,000 hot keys'

/** What that case read on the machine on which the goals were set. */
export const REFERENCE_PER_SECOND = 7_000_000

/** How many times as fast as the reference machine this one was. */
export interface Speed {
  /** By the clock, neighbours included. */
  readonly wall: number
  /** By CPU time: neighbours that take the cores do not count. */
  readonly cpu: number
}

/** From the yardstick's figures; undefined when it was not read. */
export function readSpeed({ perSecond, processCpuUs }: Figures): Speed | undefined {
  if (perSecond === undefined || processCpuUs === undefined) return undefined
  return { wall: perSecond / REFERENCE_PER_SECOND, cpu: 1e6 / processCpuUs / REFERENCE_PER_SECOND }
}

/** A goal on this machine: rates grow with its speed, times shrink, parts, sizes and delays stay. */
export function scaleGoal(figure: FigureName, bound: Bound, { wall, cpu }: Speed): Bound {
  const factors = { rate: wall, time: 1 / wall, cpu: 1 / cpu, part: 1, size: 1, delay: 1 }
  const factor = factors[FIGURES[figure].unit]
  return {
    ...(bound.atLeast === undefined ? {} : { atLeast: bound.atLeast * factor }),
    ...(bound.atMost === undefined ? {} : { atMost: bound.atMost * factor }),
  }
}

export function isWithin(value: number, { atLeast, atMost }: Bound): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
}
