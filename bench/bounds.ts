// Bounds and ratios as people read them.

import type { Bound } from './case.js'

export function formatBound({ atLeast, atMost }: Bound, format: (value: number) => string): string {
  if (atLeast !== undefined) return `≥ ${format(atLeast)}`
  return atMost === undefined ? '' : `≤ ${format(atMost)}`
}

/** Three digits, and no powers of ten. */
export function formatRatio(ratio: number): string {
  return `${ratio < 1_000 ? ratio.toPrecision(3) : Math.round(ratio).toLocaleString('en-US')} ×`
}
