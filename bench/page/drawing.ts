// Plots without a browser: Observable Plot into linkedom's document. This file is the only user of both, and what they
// draw is self-contained: no script, no font, no fetch. Colours are the page's variables.

import type { PlotOptions } from '@observablehq/plot'

export type PlotModule = typeof import('@observablehq/plot')

/** Draws one SVG and gives its text. */
export type Draw = (describe: (plot: PlotModule) => PlotOptions) => string

/** Rejects with what to install when the two packages are not there: they are for reports only. */
export async function openDrawing(): Promise<Draw> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]).catch(
    (error: Error) => {
      throw new Error(`a report needs @observablehq/plot and linkedom: npm install them (${error.message})`)
    },
  )
  const { document } = parseHTML('<html></html>')
  let drawn = 0
  return (describe) => {
    const svg = plot.plot({ document, className: `plot-${drawn++}`, ...describe(plot) }) as {
      setAttribute(name: string, value: string): void
      readonly outerHTML: string
    }
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    svg.setAttribute('role', 'img')
    return svg.outerHTML
  }
}
