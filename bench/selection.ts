// What the command line asks for: which files, which cases, how long.

/** How one run of the bench is timed. */
export interface Plan {
  readonly warmUpMs: number
  readonly sampleMs: number
  readonly samples: number
}

export const FULL_PLAN: Plan = { warmUpMs: 1_000, sampleMs: 500, samples: 9 }
export const QUICK_PLAN: Plan = { warmUpMs: 200, sampleMs: 100, samples: 3 }

export interface Selection {
  readonly plan: Plan
  /** Lower case; empty selects everything. */
  readonly filters: readonly string[]
  readonly unknownOptions: readonly string[]
}

export function parseArguments(argv: readonly string[]): Selection {
  const options = argv.filter((word) => word.startsWith('-'))
  return {
    plan: options.includes('--quick') ? QUICK_PLAN : FULL_PLAN,
    filters: argv.filter((word) => !word.startsWith('-')).map((word) => word.toLowerCase()),
    unknownOptions: options.filter((option) => option !== '--quick'),
  }
}

/** A case is selected when any filter is part of `file` or of `file/case name`. */
export function isSelected(filters: readonly string[], file: string, caseName: string): boolean {
  if (filters.length === 0) return true
  const path = `${file}/${caseName}`.toLowerCase()
  return filters.some((filter) => path.includes(filter))
}
