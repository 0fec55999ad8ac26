// What the bench and one case's process say to each other: one request at a time, one reply to each.
// Start: fork(case-process.js, [file URL, case name]) → ready. Then open, check, measure …, close.

import type { Point } from './case.js'
import type { Figures } from './figures.js'

export type Request =
  | { readonly kind: 'open' }
  | { readonly kind: 'check' }
  | { readonly kind: 'measure'; readonly forMs: number }
  | { readonly kind: 'close' }

export type Reply =
  | { readonly kind: 'done'; readonly sample?: Sample }
  | { readonly kind: 'failed'; readonly message: string }
  /** This machine does not have the peer. */
  | { readonly kind: 'missing'; readonly message: string }

/** One measurement with its derived figures; kept in the results file as it is. */
export interface Sample {
  readonly operations?: number
  readonly seconds?: number
  readonly figures: Figures
  readonly series?: readonly Point[]
}
