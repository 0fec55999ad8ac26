// From samples to answers, and the results file:
//
//   { date, commit, machine, plan, yardstickPerSecond, questions: [
//       { file, text, plots:       [{ kind, figure?, … }],
//                     cases:       [{ name, contender?, work?, x?, failure?, missing?, ahead?: spread,
//                                     samples: [{ operations, seconds, figures, series? }], figures: { name: spread } }],
//                     elsewhere:   [{ contender, work, figure, value, note }],
//                     comparisons: [{ subject, peer, figure, ratio: spread, atLeast?, atMost?, reached? }],
//                     goals:       [{ case, figure, median, atLeast?, atMost?, reached }] } ] }
//
// The report is drawn from this file alone. Numbers are kept to six digits: nothing here is read more exactly.

import type { Comparison, Plot, Question } from './case.js'
import { type ElsewhereFigure, readElsewhere } from './elsewhere.js'
import { FIGURE_NAMES, FIGURES, type FigureName, mainFigure } from './figures.js'
import type { Machine } from './machine.js'
import type { Sample } from './protocol.js'
import type { CaseResult } from './runner.js'
import type { Plan } from './selection.js'
import { pairedRatio, type Spread, spread } from './statistics.js'
import { isWithin, type Speed, scaleGoal } from './yardstick.js'

export interface CaseSummary extends CaseResult {
  readonly contender?: string
  readonly work?: string
  readonly x?: number
  /** How many times as fast (as small) as this case moonpool was at the same work; absent for moonpool itself. */
  readonly ahead?: Spread
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
  readonly plots?: readonly Plot[]
  readonly elsewhere?: readonly ElsewhereFigure[]
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

/** The contender that all others are compared with. */
const SUBJECT = 'moonpool'

function readFigure(samples: readonly Sample[], figure: FigureName): number[] {
  return samples.map((sample) => sample.figures[figure]).filter((value) => value !== undefined)
}

function summarizeCase(result: CaseResult, question: Question, results: readonly CaseResult[]): CaseSummary {
  const { contender, work, x } = question.cases.find(({ name }) => name === result.name) ?? {}
  const figures: { [name in FigureName]?: Spread } = {}
  for (const name of FIGURE_NAMES) {
    const values = readFigure(result.samples, name)
    if (values.length > 0) figures[name] = spread(values)
  }
  const ahead = readAhead(result, question, results, mainFigure(figures))
  return {
    ...result,
    ...(contender !== undefined && { contender }),
    ...(work !== undefined && { work }),
    ...(x !== undefined && { x }),
    ...(ahead !== undefined && { ahead }),
    figures,
  }
}

/** Against the subject's case of the same work, sample by sample. */
function readAhead(
  { name, samples }: CaseResult,
  { cases }: Question,
  results: readonly CaseResult[],
  figure: FigureName | undefined,
): Spread | undefined {
  const own = cases.find((each) => each.name === name)
  if (figure === undefined || own?.work === undefined || own.contender === SUBJECT) return undefined
  const subject = cases.find(
    (each) => each.contender === SUBJECT && each.work === own.work && each.x === own.x,
  )
  const theirs = readFigure(samples, figure)
  const ours = readFigure(results.find((each) => each.name === subject?.name)?.samples ?? [], figure)
  // Against nothing at all there is no ratio.
  if (ours.length === 0 || theirs.length === 0 || [...ours, ...theirs].includes(0)) return undefined
  return FIGURES[figure].higherIsBetter ? pairedRatio(ours, theirs) : pairedRatio(theirs, ours)
}

function summarizeComparison(comparison: Comparison, cases: readonly CaseResult[]): ComparisonSummary[] {
  const { subject, peer, figure = 'perSecond', atMostAs, ...given } = comparison
  const read = (name: string): number[] =>
    readFigure(cases.find((result) => result.name === name)?.samples ?? [], figure)
  const compare = (one: string, other: string): Spread | undefined => {
    const [ours, theirs] = [read(one), read(other)]
    return ours.length === 0 || theirs.length === 0 ? undefined : pairedRatio(ours, theirs)
  }
  const ratio = compare(subject, peer)
  if (ratio === undefined) return []
  const most = atMostAs && compare(atMostAs.subject, atMostAs.peer)?.median
  const bound = { ...given, ...(most !== undefined && { atMost: most }) }
  const isBounded = bound.atLeast !== undefined || bound.atMost !== undefined
  return [
    { subject, peer, figure, ratio, ...bound, ...(isBounded && { reached: isWithin(ratio.median, bound) }) },
  ]
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
  const cases = results.map((result) => summarizeCase(result, question, results))
  return {
    file,
    text: question.text,
    cases,
    comparisons: question.comparisons.flatMap((comparison) => summarizeComparison(comparison, results)),
    goals: summarizeGoals(question, cases, speed),
    plots: question.plots ?? [],
    elsewhere: readElsewhere(file, cases),
  }
}
