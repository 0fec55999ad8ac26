// The kinds of plots that a question may ask for, one type each.

import type { Plot } from '../case.js'

export type GrowthPlot = Extract<Plot, { kind: 'growth' }>
export type TimelinePlot = Extract<Plot, { kind: 'timeline' }>
