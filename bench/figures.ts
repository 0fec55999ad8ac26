// Every figure a case may report: one line each. The key is its name in the results file, `header` in the table. The
// first one that a case has is the one it is judged by.

export const FIGURES = {
  perSecond: { header: 'per second', digits: 0, higherIsBetter: true, unit: 'rate' },
  eachUs: { header: 'µs each', digits: 3, higherIsBetter: false, unit: 'time' },
  p50Us: { header: 'p50 µs', digits: 1, higherIsBetter: false, unit: 'time' },
  p90Us: { header: 'p90 µs', digits: 1, higherIsBetter: false, unit: 'time' },
  p99Us: { header: 'p99 µs', digits: 1, higherIsBetter: false, unit: 'time' },
  p999Us: { header: 'p99.9 µs', digits: 1, higherIsBetter: false, unit: 'time' },
  mainCpuUs: { header: 'main CPU µs', digits: 3, higherIsBetter: false, unit: 'cpu' },
  processCpuUs: { header: 'all CPU µs', digits: 3, higherIsBetter: false, unit: 'cpu' },
  deadlinePart: { header: 'with deadline', digits: 3, higherIsBetter: true, unit: 'part' },
  timesAsLong: { header: 'times as long', digits: 2, higherIsBetter: false, unit: 'part' },
  lostPerHeld: { header: 'lost per held', digits: 2, higherIsBetter: false, unit: 'part' },
  heldMs: { header: 'held ms each', digits: 2, higherIsBetter: false, unit: 'delay' },
  readyMs: { header: 'ready ms', digits: 3, higherIsBetter: false, unit: 'delay' },
  readyP90Ms: { header: 'p90 ready ms', digits: 3, higherIsBetter: false, unit: 'delay' },
  lateMs: { header: 'late ms', digits: 2, higherIsBetter: false, unit: 'delay' },
  latestMs: { header: 'latest ms', digits: 2, higherIsBetter: false, unit: 'delay' },
  blockedPart: { header: 'while blocked', digits: 2, higherIsBetter: true, unit: 'part' },
  timesAlone: { header: '× one alone', digits: 2, higherIsBetter: false, unit: 'part' },
  startMs: { header: 'start ms', digits: 1, higherIsBetter: false, unit: 'time' },
  rssMiB: { header: 'RSS MiB', digits: 1, higherIsBetter: false, unit: 'size' },
  growthMiB: { header: 'growth MiB', digits: 1, higherIsBetter: false, unit: 'size' },
  overheadMiB: { header: 'overhead MiB', digits: 1, higherIsBetter: false, unit: 'size' },
  backMs: { header: 'back ms', digits: 1, higherIsBetter: false, unit: 'delay' },
  latestBackMs: { header: 'latest back ms', digits: 1, higherIsBetter: false, unit: 'delay' },
  overheadBytes: { header: 'overhead B each', digits: 0, higherIsBetter: false, unit: 'size' },
} as const satisfies Record<string, FigureRow>

interface FigureRow {
  readonly header: string
  /** Digits after the point. */
  readonly digits: number
  readonly higherIsBetter: boolean
  /**
   * How it moves with the machine: rates grow with its speed, times and CPU times shrink; parts, sizes and delays, which
   * timers and the system's scheduler make, stay.
   */
  readonly unit: 'rate' | 'time' | 'cpu' | 'part' | 'size' | 'delay'
}

export type FigureName = keyof typeof FIGURES

/** The figures of one sample; which ones there are depends on the case. */
export type Figures = { readonly [name in FigureName]?: number }

export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[]

/** A figure as a table shows it: thousands apart, the digits of its row. */
export function formatFigure(name: FigureName, value: number): string {
  const { digits } = FIGURES[name]
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** The figure that a case is judged by; undefined when it has none. */
export function mainFigure(figures: { readonly [name in FigureName]?: unknown }): FigureName | undefined {
  return FIGURE_NAMES.find((name) => figures[name] !== undefined)
}
