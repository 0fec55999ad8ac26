// What a case file says. A file asks one question and exports it as `question`; its cases are the moonpool way and
// the peers' ways of doing the same work. Opening is lazy: the parent process reads the lists and opens nothing.

import type { FigureName, Figures } from './figures.js'

/** What was done, and in what time; rate and time per operation follow from it. */
export interface Measurement {
  readonly operations: number
  readonly seconds: number
  readonly figures?: Figures
}

/** A case that was set up, in its own process. The calls come one at a time: check, measure …, cleanup. */
export interface OpenCase {
  /** Rejects when the case does not do the work it claims; then nothing is measured. */
  check(): Promise<void>
  /** Works for about `forMs` milliseconds. The first call is the warm-up and not kept. */
  measure(forMs: number): Promise<Measurement>
  cleanup(): Promise<void>
}

export interface BenchCase {
  /** Unique within its file. */
  readonly name: string
  /** Figures to reach, as they were read on the reference machine; see yardstick.ts for how they are scaled. */
  readonly goals?: readonly Goal[]
  open(): Promise<OpenCase>
}

export interface Goal extends Bound {
  readonly figure: FigureName
}

/** `subject` divided by `peer`, sample by sample, so that a drifting machine moves both sides. */
export interface Comparison extends Bound {
  readonly subject: string
  readonly peer: string
  /** Default `perSecond`: how many times as fast the subject is. */
  readonly figure?: FigureName
}

export interface Bound {
  readonly atLeast?: number
  readonly atMost?: number
}

export interface Question {
  /** A sentence that ends with a question mark. */
  readonly text: string
  readonly cases: readonly BenchCase[]
  readonly comparisons: readonly Comparison[]
}
