// The report: drawn from results alone, self-contained, and right in a real browser, light and dark.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Question } from '../../bench/case.js'
import { CONTENDER_NAMES } from '../../bench/contenders.js'
import { describeMachine } from '../../bench/machine.js'
import { findProgram, MissingPeer } from '../../bench/missing-peer.js'
import { colourOf } from '../../bench/page/palette.js'
import { renderPage } from '../../bench/page/report-page.js'
import type { Sample } from '../../bench/protocol.js'
import { type BenchResults, summarizeQuestion } from '../../bench/results.js'
import { QUICK_PLAN } from '../../bench/selection.js'
import { readBenchFile } from '../../bench/works.js'

const open = (): never => {
  throw new Error('a report opens nothing')
}

/** One question with every kind of plot, every contender in it. */
const question: Question = {
  text: 'Is 1 < 2, and "quoted"?',
  cases: CONTENDER_NAMES.flatMap((contender) =>
    [1, 100].map((x) => ({ name: `${contender} work ${x}`, contender, work: 'work', x, open })),
  ),
  comparisons: [{ subject: 'moonpool work 1', peer: 'naive work 1', atLeast: 2 }],
  plots: [
    { kind: 'bars', figure: 'perSecond' },
    { kind: 'latency' },
    { kind: 'growth', figure: 'eachUs', xLabel: 'entries' },
    {
      kind: 'timeline',
      xLabel: 'seconds',
      yLabel: 'reads',
      shade: { from: 0.25, to: 0.75, label: 'blocked' },
    },
  ],
}

function fakeResults(): BenchResults {
  const sampleOf = (index: number): Sample => ({
    figures: {
      perSecond: 10 ** (index % 7),
      eachUs: 1 + index,
      p50Us: 5 + index,
      p99Us: 50 + index,
      p999Us: 900,
    },
    series: Array.from({ length: 20 }, (_, x) => ({ x, y: x * index })),
  })
  const results = question.cases.map(({ name }, index) => ({
    name,
    samples: [sampleOf(index), sampleOf(index)],
  }))
  results.pop()
  const missing = { name: 'naive work 100', samples: [], missing: 'naive is not there' }
  return {
    date: '2026-01-02T03:04:05.678Z',
    commit: undefined,
    machine: describeMachine(),
    plan: QUICK_PLAN,
    yardstickPerSecond: 7e6,
    questions: [summarizeQuestion('hot-get', question, [...results, missing], { wall: 1, cpu: 1 })],
  }
}

/** As it is after a results file: plain data. */
const page = renderPage(JSON.parse(JSON.stringify(fakeResults())) as BenchResults)

test('the page is drawn from plain data and needs nothing else', async () => {
  const html = await page
  assert.doesNotMatch(html, /<script|<link|<iframe|<img|@import|url\((?!#)|\bsrc=|\bon\w+=/i)
  assert.deepEqual(
    [...new Set(html.match(/https?:\/\/[^"'\s<]+/g))],
    ['http://www.w3.org/2000/svg'],
    'the only address is the name of SVG',
  )
  assert.equal(html.match(/<svg /g)?.length, 1 + 1 + 1 + (question.cases.length - 1))
  for (const text of [
    'Is 1 &lt; 2, and &quot;quoted&quot;?',
    'naive is not there',
    '✗ short',
    'logarithmic',
  ]) {
    assert.ok(html.includes(text), text)
  }
  assert.doesNotMatch(html, /NaN|Infinity|undefined/)
})

test('every contender has one colour, in light and in dark', () => {
  const css = readBenchFile('page/style.css')
  for (const name of CONTENDER_NAMES) {
    const [, variable = ''] = colourOf(name).match(/^var\((.+)\)$/) ?? []
    assert.equal(css.split(`${variable}:`).length - 1, 2, `${variable} stands twice in style.css`)
  }
})

/** Runs inside the page: what a reader could not read. */
const MEASURE = `
const all = (names) => [...document.querySelectorAll(names)]
const box = (element) => element.getBoundingClientRect()
const cut = all('svg text').filter((text) => {
  const [own, page] = [box(text), box(text.closest('section'))]
  return own.width > 0 && (own.left < page.left || own.right > page.right)
}).map((text) => text.textContent)
const style = (element, name) => getComputedStyle(element)[name]
document.title = JSON.stringify({
  svgs: all('svg').length,
  empty: all('svg').filter((svg) => box(svg).width < 300 || box(svg).height < 50).length,
  cut,
  isWide: document.documentElement.scrollWidth > innerWidth,
  paper: style(document.body, 'backgroundColor'),
  ink: style(document.querySelector('svg'), 'color'),
  subject: style(document.querySelector('svg rect'), 'fill'),
})`

interface Measured {
  readonly svgs: number
  readonly empty: number
  readonly cut: readonly string[]
  readonly isWide: boolean
  readonly paper: string
  readonly ink: string
  readonly subject: string
}

async function measureInBrowser(chromium: string, file: string, isDark: boolean): Promise<Measured> {
  const { stdout } = await promisify(execFile)(
    chromium,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--window-size=1100,900',
      `--user-data-dir=${file}-${isDark}`,
      // 0 is dark, 1 is light.
      `--blink-settings=preferredColorScheme=${isDark ? 0 : 1}`,
      '--dump-dom',
      `file://${file}`,
    ],
    { timeout: 60_000, maxBuffer: 2 ** 26 },
  )
  const [, title = ''] = stdout.match(/<title>(.*?)<\/title>/s) ?? []
  return JSON.parse(title.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as Measured
}

/** From black to white, 0 to 255. */
function brightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  return 0.299 * red + 0.587 * green + 0.114 * blue
}

test('a browser shows it whole, in light and in dark', async (t) => {
  let chromium: string
  try {
    chromium = findProgram('chromium', 'chromium')
  } catch (error) {
    assert.ok(error instanceof MissingPeer)
    t.skip(error.message)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const file = join(folder, 'report.html')
  writeFileSync(file, `${await page}<script>${MEASURE}</script>`)
  for (const isDark of [false, true]) {
    const { svgs, empty, cut, isWide, paper, ink, subject } = await measureInBrowser(chromium, file, isDark)
    assert.equal(svgs, 3 + question.cases.length - 1)
    assert.deepEqual({ empty, cut, isWide }, { empty: 0, cut: [], isWide: false })
    assert.equal(brightness(paper) < 128, isDark, `paper is ${paper}`)
    assert.equal(brightness(ink) > 128, isDark, `ink is ${ink}`)
    assert.ok(Math.abs(brightness(subject) - brightness(paper)) > 60, `${subject} on ${paper}`)
  }
})
