// What the store counts.

export interface StoreStatistics {
  /** Entries held; expired ones count until they are removed, which is within seconds. */
  readonly entries: number
  /** Their size by the public rule: prefix + key + encoded value + 64 bytes each. */
  readonly bytes: number
  readonly hits: number
  readonly misses: number
  /** Live entries removed for room. */
  readonly evictions: number
  /** Entries removed because their time was over. */
  readonly expirations: number
  /** Puts that can never fit; the old entry stayed. */
  readonly refused: number
}

/** The running counters; `entries` and `bytes` are the store's bookkeeping, too. */
export interface StoreCounters {
  entries: number
  bytes: number
  hits: number
  misses: number
  evictions: number
  expirations: number
  refused: number
}

export function zeroCounters(): StoreCounters {
  return { entries: 0, bytes: 0, hits: 0, misses: 0, evictions: 0, expirations: 0, refused: 0 }
}
