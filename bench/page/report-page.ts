// report.html from a results file alone: a page that needs nothing else, in light and dark.
//
//   node dist/bench/page/report-page.js <results.json> [report.html]

import { writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { formatRatio } from '../bounds.js'
import { FIGURE_NAMES, FIGURES, type FigureName, formatFigure, mainFigure } from '../figures.js'
import type { BenchResults, CaseSummary, QuestionSummary } from '../results.js'
import { readResults } from '../results-file.js'
import { readBenchFile } from '../works.js'
import { drawBars } from './bars.js'
import { type Draw, openDrawing } from './drawing.js'
import { escapeText, figure, table } from './html.js'
import { drawGrowth, drawLatency, drawTimeline } from './lines.js'
import { SUBJECT } from './palette.js'
import { targetTable } from './targets.js'

const hasLatency = ({ figures }: CaseSummary): boolean => figures.p50Us !== undefined

function plotsOf(draw: Draw, question: QuestionSummary): string[] {
  const has = (name: FigureName): boolean => question.cases.some(({ figures }) => figures[name] !== undefined)
  return (question.plots ?? []).flatMap((plot) => {
    if (plot.kind === 'bars') {
      if (!has(plot.figure)) return []
      return drawBars(draw, question, plot.figure).map(({ work, svg }) =>
        figure(`${work}${work === '' ? '' : ': '}${FIGURES[plot.figure].header}`, svg),
      )
    }
    if (plot.kind === 'growth') {
      return has(plot.figure) ? [figure(`by ${plot.xLabel}`, drawGrowth(draw, question, plot))] : []
    }
    if (plot.kind === 'latency') {
      const works = [...new Set(question.cases.filter(hasLatency).map(({ work = '' }) => work))]
      return works.length > 0 ? [figure(`latency: ${works.join(', ')}`, drawLatency(draw, question))] : []
    }
    return question.cases
      .filter(({ samples }) => (samples.at(-1)?.series ?? []).length > 0)
      .map((each) => figure(each.name, drawTimeline(draw, each, plot)))
  })
}

function figureTable({ cases, elsewhere = [] }: QuestionSummary): string {
  const columns = FIGURE_NAMES.filter((name) => cases.some(({ figures }) => figures[name] !== undefined))
  const rows = cases.map(({ name, contender, figures, ahead, missing, failure }) => {
    const cells = columns.map((column) => {
      const spread = figures[column]
      return spread === undefined ? '' : formatFigure(column, spread.median)
    })
    const state = mainFigure(figures) === undefined ? (missing ?? failure?.split('\n')[0] ?? '') : ''
    const last = ahead === undefined ? state : formatRatio(ahead.median)
    return { cells: [name, ...cells, last], className: contender === SUBJECT ? 'subject' : '' }
  })
  const others = elsewhere.map(({ contender, work, figure: of, value }) => ({
    cells: [
      `${contender} ${work}`,
      ...columns.map((column) => (column === of ? formatFigure(of, value) : '')),
      'measured elsewhere',
    ],
    className: '',
  }))
  return table(['case', ...columns.map((name) => FIGURES[name].header), 'moonpool is'], [...rows, ...others])
}

function notesOf({ cases, elsewhere = [] }: QuestionSummary): string {
  const notes = [
    ...cases.flatMap(({ missing }) => (missing === undefined ? [] : [`missing: ${missing}`])),
    ...cases.flatMap(({ name, failure }) =>
      failure === undefined ? [] : [`failed: ${name}: ${failure.split('\n')[0]}`],
    ),
    ...elsewhere.map(({ contender, note }) => `${contender}: ${note}`),
  ]
  return [...new Set(notes)].map((note) => `<p class="note">${escapeText(note)}</p>`).join('')
}

function sectionOf(draw: Draw, question: QuestionSummary): string {
  return `<section id="${escapeText(question.file)}"><h2>${escapeText(question.text)}</h2>
${plotsOf(draw, question).join('\n')}
${notesOf(question)}
<details><summary>every figure</summary><div class="scroll">${figureTable(question)}</div></details></section>`
}

function whereOf({ machine, commit, date, plan }: BenchResults): string {
  const { cpu, cores, node, kernel, loadAverage } = machine
  const parts = [
    date.slice(0, 16).replace('T', ' '),
    `commit ${commit?.slice(0, 8) ?? 'unknown'}${commit?.endsWith('+') ? ' with changes' : ''}`,
    `Node ${node}`,
    `${cpu}, ${cores} cores`,
    kernel,
    `load ${loadAverage.toFixed(1)} before`,
    `${plan.samples} samples of ${plan.sampleMs} ms`,
  ]
  return parts.map(escapeText).join(' · ')
}

export async function renderPage(results: BenchResults): Promise<string> {
  const draw = await openDrawing()
  const { questions } = results
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>moonpool bench, ${escapeText(results.date.slice(0, 10))}</title>
<style>${readBenchFile('page/style.css')}</style>
</head>
<body>
<h1>moonpool bench</h1>
<p class="where">${whereOf(results)}</p>
<nav>${questions.map(({ file, text }) => `<a href="#${escapeText(file)}">${escapeText(text)}</a>`).join('')}</nav>
${targetTable(results)}
${questions.map((question) => sectionOf(draw, question)).join('\n')}
</body>
</html>
`
}

/** Beside the results unless it is told where. */
export async function writePage(
  resultsPath: string,
  pagePath = join(dirname(resultsPath), 'report.html'),
): Promise<string> {
  writeFileSync(pagePath, await renderPage(readResults(resultsPath)))
  return pagePath
}

if (import.meta.filename === process.argv[1]) {
  const [resultsPath, pagePath] = process.argv.slice(2)
  if (resultsPath === undefined) {
    console.error(`usage: node ${basename(process.argv[1] ?? '')} <results.json> [report.html]`)
    process.exitCode = 2
  } else console.log(await writePage(resultsPath, pagePath))
}
