// What a case file says. A file asks one question and exports it as `question`; its cases are the moonpool way and
// the peers' ways of doing the same work. Opening is lazy: the parent process reads the lists and opens nothing.

import type { FigureName, Figures } from './figures.js'

/** Counted work: rate and time per operation follow from operations and seconds. */
export interface CountedWork {
  readonly operations: number
  readonly seconds: number
  readonly figures?: Figures
  readonly series?: readonly Point[]
}

/** Sizes and the like: only what `figures` says. */
export interface Reading {
  readonly operations?: undefined
  readonly figures: Figures
  /** What happened along the way: a timeline's points, for a plot. */
  readonly series?: readonly Point[]
}

export type Measurement = CountedWork | Reading

export interface Point {
  readonly x: number
  readonly y: number
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
  /** Who does the work, in the words of contenders.ts. With `work`, the table says how moonpool compares. */
  readonly contender?: string
  /** Cases with the same words here do the same work. */
  readonly work?: string
  /** Where on a curve of growth the case stands. */
  readonly x?: number
  /** Takes seconds and starts afresh each time: no warm-up, and only the plan's `slowSamples`. */
  readonly isSlow?: true
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
  /** At most what these two come to in the same run, by the same figure: what no machine can avoid, say. */
  readonly atMostAs?: { readonly subject: string; readonly peer: string }
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
  /** How the report shows the answer. */
  readonly plots?: readonly Plot[]
}

/**
 * bars: one figure, a bar for each contender, works one below the other. latency: the percentiles of each case that
 * has them. growth: one figure over `x`, a line for each contender and work. timeline: the series of each case.
 */
export type Plot =
  | { readonly kind: 'bars'; readonly figure: FigureName }
  | { readonly kind: 'latency' }
  | {
      readonly kind: 'growth'
      readonly figure: FigureName
      readonly xLabel: string
      readonly isLinear?: boolean
    }
  | {
      readonly kind: 'timeline'
      readonly xLabel: string
      readonly yLabel: string
      /** A part of the time, as fractions of all of it. */
      readonly shade?: { readonly from: number; readonly to: number; readonly label: string }
    }
