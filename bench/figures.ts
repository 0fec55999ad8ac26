// Every figure a case may report: one line each. The key is its name in the results file, `header` in the table.

export const FIGURES = {
  perSecond: { header: 'per second', digits: 0 },
  eachUs: { header: 'µs each', digits: 3 },
  p50Us: { header: 'p50 µs', digits: 1 },
  p99Us: { header: 'p99 µs', digits: 1 },
  p999Us: { header: 'p99.9 µs', digits: 1 },
  mainCpuUs: { header: 'main CPU µs', digits: 3 },
  processCpuUs: { header: 'all CPU µs', digits: 3 },
} as const satisfies Record<string, FigureRow>

interface FigureRow {
  readonly header: string
  /** Digits after the point. */
  readonly digits: number
}

export type FigureName = keyof typeof FIGURES

/** The figures of one sample; which ones there are depends on the case. */
export type Figures = { readonly [name in FigureName]?: number }

export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[]

/** A figure as a table shows it: thousands apart, the digits of its row, more of them where it is tiny. */
export function formatFigure(name: FigureName, value: number): string {
  const { digits } = FIGURES[name]
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
