// What the command line asks for: which files, which cases, how long, and under which name the results are kept.

/** How one run of the bench is timed. */
export interface Plan {
  readonly warmUpMs: number
  /** Before each sample, and not part of it: a process that the others kept waiting is slower at first. */
  readonly runUpMs: number
  readonly sampleMs: number
  readonly samples: number
  /** Of cases that take seconds each time. */
  readonly slowSamples: number
}

export const FULL_PLAN: Plan = { warmUpMs: 600, runUpMs: 80, sampleMs: 400, samples: 6, slowSamples: 3 }
export const QUICK_PLAN: Plan = { warmUpMs: 50, runUpMs: 0, sampleMs: 40, samples: 2, slowSamples: 1 }

export interface Selection {
  readonly plan: Plan
  /** Lower case; empty selects everything. */
  readonly filters: readonly string[]
  /** `--name v1.2`: the results file's name, without its ending. */
  readonly name?: string
  readonly unknownOptions: readonly string[]
}

export function parseArguments(argv: readonly string[]): Selection {
  const nameAt = argv.indexOf('--name')
  const name = nameAt < 0 ? undefined : argv[nameAt + 1]
  const words = name === undefined ? argv : [...argv.slice(0, nameAt), ...argv.slice(nameAt + 2)]
  const options = words.filter((word) => word.startsWith('-'))
  const isName = name === undefined || /^[\w.-]+$/.test(name)
  return {
    plan: options.includes('--quick') ? QUICK_PLAN : FULL_PLAN,
    filters: words.filter((word) => !word.startsWith('-')).map((word) => word.toLowerCase()),
    ...(name !== undefined && { name }),
    unknownOptions: [
      ...options.filter((option) => option !== '--quick'),
      ...(isName ? [] : [`--name ${name}`]),
    ],
  }
}

/** A case is selected when any filter is part of `file` or of `file/case name`. */
export function isSelected(filters: readonly string[], file: string, caseName: string): boolean {
  if (filters.length === 0) return true
  const path = `${file}/${caseName}`.toLowerCase()
  return filters.some((filter) => path.includes(filter))
}
