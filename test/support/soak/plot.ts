// A soak as a picture: one small curve for each measure, over the runs. An SVG file of its own.

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { MEASURE_NAMES, MEASURES, type MeasureName, type SoakSample } from './samples.js'

const COLUMNS = 2
const WIDTH = 460
const HEIGHT = 150

function curve(samples: readonly SoakSample[], name: MeasureName): string {
  const { document } = parseHTML('<html></html>')
  const svg = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 60,
    marginTop: 26,
    ariaLabel: MEASURES[name].label,
    x: {
      label: 'runs',
      ticks: 5,
      tickFormat: (runs: number) => (runs < 1000 ? `${runs}` : `${runs / 1000}k`),
    },
    y: { label: MEASURES[name].label, grid: true, zero: true, nice: true, ticks: 4 },
    marks: [Plot.line([...samples], { x: 'runs', y: name, stroke: '#2866b2', strokeWidth: 1.6 })],
  })
  return svg.outerHTML
}

export function plotOf(samples: readonly SoakSample[]): string {
  const rows = Math.ceil(MEASURE_NAMES.length / COLUMNS)
  const curves = MEASURE_NAMES.map((name, index) => {
    const [x, y] = [(index % COLUMNS) * WIDTH, Math.floor(index / COLUMNS) * HEIGHT]
    return `<g transform="translate(${x},${y})">${curve(samples, name)}</g>`
  })
  const size = `width="${WIDTH * COLUMNS}" height="${HEIGHT * rows}"`
  const ground = '<rect width="100%" height="100%" fill="white"/>'
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${ground}\n${curves.join('\n')}\n</svg>\n`
}
