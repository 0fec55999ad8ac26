// From samples to answers, and the results file:
//
//   { date, commit, machine, plan, yardstickPerSecond, questions: [
//       { file, text, cases:       [{ name, failure?, samples: [{ operations, seconds, figures }], figures: { name: spread } }],
//                     comparisons: [{ subject, peer, figure, ratio: spread, atLeast?, atMost?, reached? }],
//                     goals:       [{ case, figure, median, atLeast?, atMost?, reached }] } ] }

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Comparison, Question } from './case.js'
import { FIGURE_NAMES, type FigureName } from './figures.js'
import type { Machine } from './machine.js'
import type { Sample } from './protocol.js'
import type { CaseResult } from './runner.js'
import type { Plan } from './selection.js'
import { pairedRatio, type Spread, spread } from './statistics.js'
import { isWithin, type Speed, scaleGoal } from './yardstick.js'

export interface CaseSummary extends CaseResult {
  readonly figures: { readonly [name in FigureName]?: Spread }
}

export interface ComparisonSummary extends Comparison {
  readonly figure: FigureName
  readonly ratio: Spread
  /** Absent where the comparison has no bound. */
  readonly reached?: boolean
}

export interface GoalSummary {
  readonly case: string
  readonly figure: FigureName
  readonly median: number
  readonly atLeast?: number
  readonly atMost?: number
  readonly reached: boolean
}

export interface QuestionSummary {
  readonly file: string
  readonly text: string
  readonly cases: readonly CaseSummary[]
  readonly comparisons: readonly ComparisonSummary[]
  readonly goals: readonly GoalSummary[]
}

export interface BenchResults {
  /** ISO 8601, UTC. */
  readonly date: string
  readonly commit: string | undefined
  readonly machine: Machine
  readonly plan: Plan
  readonly yardstickPerSecond: number | undefined
  readonly questions: readonly QuestionSummary[]
}

function readFigure(samples: readonly Sample[], figure: FigureName): number[] {
  return samples.map((sample) => sample.figures[figure]).filter((value) => value !== undefined)
}

function summarizeCase(result: CaseResult): CaseSummary {
  const figures: { [name in FigureName]?: Spread } = {}
  for (const name of FIGURE_NAMES) {
    const values = readFigure(result.samples, name)
    if (values.length > 0) figures[name] = spread(values)
  }
  return { ...result, figures }
}

function summarizeComparison(comparison: Comparison, cases: readonly CaseResult[]): ComparisonSummary[] {
  const figure = comparison.figure ?? 'perSecond'
  const read = (name: string): number[] =>
    readFigure(cases.find((result) => result.name === name)?.samples ?? [], figure)
  const [subject, peer] = [read(comparison.subject), read(comparison.peer)]
  if (subject.length === 0 || peer.length === 0) return []
  const ratio = pairedRatio(subject, peer)
  const bounded = comparison.atLeast !== undefined || comparison.atMost !== undefined
  return [{ ...comparison, figure, ratio, ...(bounded && { reached: isWithin(ratio.median, comparison) }) }]
}

/** Goals count only when the yardstick was read: unscaled they would judge the machine. */
function summarizeGoals(
  question: Question,
  cases: readonly CaseSummary[],
  speed: Speed | undefined,
): GoalSummary[] {
  if (speed === undefined) return []
  return question.cases.flatMap(({ name, goals = [] }) => {
    const figures = cases.find((summary) => summary.name === name)?.figures
    return goals.flatMap((goal) => {
      const median = figures?.[goal.figure]?.median
      if (median === undefined) return []
      const bound = scaleGoal(goal.figure, goal, speed)
      return [{ case: name, figure: goal.figure, median, ...bound, reached: isWithin(median, bound) }]
    })
  })
}

/** Without `speed` no goal is judged. */
export function summarizeQuestion(
  file: string,
  question: Question,
  results: readonly CaseResult[],
  speed: Speed | undefined,
): QuestionSummary {
  const cases = results.map(summarizeCase)
  return {
    file,
    text: question.text,
    cases,
    comparisons: question.comparisons.flatMap((comparison) => summarizeComparison(comparison, results)),
    goals: summarizeGoals(question, cases, speed),
  }
}

/** Writes `<folder>/<date>.json` and returns its path. */
export function writeResults(folder: string, results: BenchResults): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${results.date.replaceAll(':', '-').replace(/\.\d+Z$/, 'Z')}.json`)
  writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`)
  return path
}
