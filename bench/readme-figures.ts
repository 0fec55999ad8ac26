// The README's figures, from results files, so that none is typed by hand:
//
//   node dist/bench/readme-figures.js <results.json>                     contenders side by side
//   node dist/bench/readme-figures.js --nodes <a.json> <b.json> …        Node versions side by side, moonpool alone
//
// Each writes the part of README.md between its two comments, `<!-- figures: file -->` and `<!-- /figures -->` (or
// `<!-- nodes: files -->`, `<!-- /nodes -->`). A test holds the README against the files that it names.

import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FigureName } from './figures.js'
import type { BenchResults } from './results.js'
import { readResults } from './results-file.js'

interface Headline {
  readonly text: string
  readonly file: string
  readonly work: string
  /** Of a case on a curve. */
  readonly x?: number
  readonly figure: FigureName
}

const HEADLINES: readonly Headline[] = [
  {
    text: '`cache.get` of a short string inside a script',
    file: 'hot-get',
    work: 'hot get of a string',
    figure: 'perSecond',
  },
  {
    text: 'the same, entry with a TTL',
    file: 'hot-get-ttl',
    work: 'hot get with a TTL',
    figure: 'perSecond',
  },
  {
    text: 'the same, a value of 4 KiB',
    file: 'growth-value-size',
    work: 'hot get of a string, bytes:',
    x: 4_096,
    figure: 'perSecond',
  },
  { text: 'a missing key', file: 'missing-key', work: 'get of a missing key', figure: 'perSecond' },
  { text: 'a table of 20 fields', file: 'profile-get', work: 'hot get of a profile', figure: 'perSecond' },
  { text: 'nine reads to one write', file: 'ninety-ten', work: 'nine reads to a write', figure: 'perSecond' },
  {
    text: '`cache.put_ttl` of a short string',
    file: 'put-ttl',
    work: 'put_ttl of a string',
    figure: 'perSecond',
  },
  {
    text: 'reads while the main thread is blocked',
    file: 'main-thread-blocked',
    work: 'reads while the main thread is blocked',
    figure: 'blockedPart',
  },
  {
    text: 'rate-limiter runs, 64 in flight',
    file: 'rate-limiter-run',
    work: 'rate limiter, 64 in flight',
    figure: 'perSecond',
  },
  {
    text: 'main-thread CPU of such a run',
    file: 'rate-limiter-run',
    work: 'rate limiter, 64 in flight',
    figure: 'mainCpuUs',
  },
  {
    text: 'one such run, nothing else in flight, p50',
    file: 'rate-limiter-run',
    work: 'rate limiter, 1 in flight',
    figure: 'p50Us',
  },
  {
    text: 'session runs, 64 in flight',
    file: 'session-run',
    work: 'session, 64 in flight',
    figure: 'perSecond',
  },
  {
    text: 'HTTP requests, rate limited, 64 connections',
    file: 'http-rate-limiter',
    work: 'HTTP rate limiter, 64 connections',
    figure: 'perSecond',
  },
  {
    text: 'main-thread CPU of such a request',
    file: 'http-rate-limiter',
    work: 'HTTP rate limiter, 64 connections',
    figure: 'mainCpuUs',
  },
  {
    text: 'empty runs, 64 in flight',
    file: 'empty-run',
    work: 'empty main, 64 in flight',
    figure: 'perSecond',
  },
  { text: '`fib(20)` in Lua', file: 'compute', work: 'fib(20)', figure: 'perSecond' },
]

/** A column may stand for several contenders: Redis goes by other names where it is asked from Node. */
const COLUMNS: readonly (readonly [string, readonly string[]])[] = [
  ['moonpool', ['moonpool']],
  ['plain JS', ['plain JS']],
  ['nginx-lua', ['nginx-lua']],
  ['Redis', ['Redis', 'Redis EVALSHA']],
  ['naive', ['naive']],
]

/** Two digits are what a median of a shared machine is worth; three where they cost nothing. */
function format(value: number | undefined, figure: FigureName): string {
  if (value === undefined) return ''
  const rounded = Number(value.toPrecision(value >= 1_000 ? 2 : 3))
  if (figure === 'blockedPart') return `${rounded} × as many as else`
  return figure === 'perSecond' ? `${rounded.toLocaleString('en-US')}/s` : `${rounded} µs`
}

function read(
  results: BenchResults,
  { file, work, x, figure }: Headline,
  names: readonly string[],
): number | undefined {
  const cases = results.questions.find((each) => each.file === file)?.cases ?? []
  const isIt = (each: (typeof cases)[number]): boolean =>
    each.work === work && (x === undefined || each.x === x) && names.includes(each.contender ?? '')
  const found = cases.find(isIt)
  return found?.figures[figure]?.median
}

function table(head: readonly string[], cell: (headline: Headline, column: number) => string): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rows = HEADLINES.map((headline) => [
    headline.text,
    ...head.map((_, column) => cell(headline, column)),
  ])
    // A row that nobody has is none.
    .filter(([, ...cells]) => cells.some((text) => text !== ''))
  return [line(['question', ...head]), line(['---', ...head.map(() => '---')]), ...rows.map(line)].join('\n')
}

/** What stands between the comments: where it was read, then the table. */
export function formatFigures(results: BenchResults): string {
  const { machine, yardstickPerSecond = 0, date } = results
  const where = `Read by \`npm run bench\` on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; a hot read of
\`lru-cache\` in the same thread reads ${(yardstickPerSecond / 1e6).toFixed(1)} million a second there. One worker, medians; your machine will differ, the
ratios less. *Naive* is what most people would write: wasmoon's own API in Piscina, one task per run, cache calls over
comlink. Redis runs its own Lua; runs and requests reach it from Node through ioredis.`
  const cells = table(
    COLUMNS.map(([name]) => name),
    (headline, column) => format(read(results, headline, COLUMNS[column]?.[1] ?? []), headline.figure),
  )
  return `${where}\n\n${cells}`
}

export function formatNodes(all: readonly BenchResults[]): string {
  const cells = table(
    all.map(({ machine }) => `Node ${machine.node.replace(/^v/, '')}`),
    (headline, column) => format(read(all[column] as BenchResults, headline, ['moonpool']), headline.figure),
  )
  const machines = [...new Set(all.map(({ machine }) => machine.cpu))].join(', ')
  return `moonpool by Node version, side by side on ${machines}:\n\n${cells}`
}

/** `readme` with the part between the comments replaced; throws when they are not there. */
export function replacePart(
  readme: string,
  kind: 'figures' | 'nodes',
  files: readonly string[],
  text: string,
): string {
  const part = new RegExp(`<!-- ${kind}:[^>]*-->[\\s\\S]*?<!-- /${kind} -->`)
  if (!part.test(readme)) throw new Error(`README.md has no <!-- ${kind}: … --> and <!-- /${kind} -->`)
  return readme.replace(part, () => `<!-- ${kind}: ${files.join(' ')} -->\n${text}\n<!-- /${kind} -->`)
}

function main(words: readonly string[]): number {
  const isNodes = words[0] === '--nodes'
  const paths = isNodes ? words.slice(1) : words
  if (paths.length === 0 || (!isNodes && paths.length > 1)) {
    console.error('usage: node dist/bench/readme-figures.js <results.json> | --nodes <results.json> …')
    return 2
  }
  const readme = fileURLToPath(new URL('../../README.md', import.meta.url))
  const all = paths.map(readResults)
  const text = isNodes ? formatNodes(all) : formatFigures(all[0] as BenchResults)
  const kind = isNodes ? 'nodes' : 'figures'
  const files = paths.map((path) => basename(path))
  writeFileSync(readme, replacePart(readFileSync(readme, 'utf8'), kind, files, text))
  return 0
}

if (import.meta.filename === process.argv[1]) process.exitCode = main(process.argv.slice(2))
