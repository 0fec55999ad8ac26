// Medians and spreads. Means are left out on purpose: one interrupted sample would move them.

/** Samples in any order, and where they lie. `low` and `high` are their 10th and 90th percentile. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly count: number
}

/** The value below which `part` (0 … 1) of the samples lie, interpolated between neighbours. */
export function percentile(samples: readonly number[], part: number): number {
  if (samples.length === 0) throw new RangeError('percentile: there are no samples')
  const sorted = [...samples].sort((a, b) => a - b)
  const position = (sorted.length - 1) * Math.min(1, Math.max(0, part))
  const below = Math.floor(position)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (high - low) * (position - below)
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5)
}

export function spread(samples: readonly number[]): Spread {
  return {
    median: median(samples),
    low: percentile(samples, 0.1),
    high: percentile(samples, 0.9),
    count: samples.length,
  }
}

/** The spread of subject / peer, each sample against the peer's sample of the same round. */
export function pairedRatio(subject: readonly number[], peer: readonly number[]): Spread {
  const rounds = Math.min(subject.length, peer.length)
  return spread(
    Array.from({ length: rounds }, (_, round) => (subject[round] as number) / (peer[round] as number)),
  )
}
