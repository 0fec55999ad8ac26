// A bound as people read it.

import type { Bound } from './case.js'

export function formatBound({ atLeast, atMost }: Bound, format: (value: number) => string): string {
  if (atLeast !== undefined) return `≥ ${format(atLeast)}`
  return atMost === undefined ? '' : `≤ ${format(atMost)}`
}
