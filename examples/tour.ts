// A walk through the engine (`npm start`): the examples of the document that the cache module comes from, then its
// rate limiter under load. Ends by itself; exit code 1 when an example did not do what the document says.

import { inspect } from 'node:util'
import { SingleBar } from 'cli-progress'
import Table from 'cli-table3'
import { createEngine } from 'moonpool'
import { loadRateLimiter } from './rate-limit-load.js'
import { seedCases } from './seed-cases.js'
import { checkExample, checkIsolation, PrintCollector, type SeedFinding, TENANTS } from './seed-check.js'

const LOAD_MS = 3000

const printed = new PrintCollector()
const engine = await createEngine({ onPrint: printed.onPrint })

const findings: SeedFinding[] = []
for (const seedCase of seedCases) {
  for (const tenant of TENANTS) findings.push(await checkExample(engine, printed, seedCase, tenant))
}
findings.push(...(await checkIsolation(engine)))
console.log(tableOf(findings))

const failed = findings.filter(({ asDocumented }) => !asDocumented)
console.log(
  failed.length === 0
    ? `${findings.length} of ${findings.length} as the document says.\n`
    : `${failed.length} of ${findings.length} NOT as the document says.\n`,
)

await showLoad()
await engine.close()
process.exitCode = failed.length === 0 ? 0 : 1

function tableOf(rows: readonly SeedFinding[]): string {
  const table = new Table({
    head: ['example', 'tenant', 'result', 'prints', 'as said'],
    colWidths: [26, 12, 48, 22, 9],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  })
  for (const { what, cachePrefix, value, prints, asDocumented } of rows) {
    const result = inspect(value, {
      breakLength: Number.POSITIVE_INFINITY,
      compact: 9,
      depth: 4,
      maxStringLength: 40,
    })
    table.push([what, cachePrefix.split('/')[0], result, prints.join('\n'), asDocumented ? 'yes' : 'NO'])
  }
  return table.toString()
}

/** The bar goes to a terminal only; piped output gets the figures alone. */
async function showLoad(): Promise<void> {
  const { threads } = engine.stats()
  console.log(
    `The rate limiter of example 13 for ${LOAD_MS / 1000} s, 64 in flight, worker threads: ${threads}`,
  )
  const bar = process.stdout.isTTY
    ? new SingleBar({ format: '{bar} {percentage}%', hideCursor: true, stream: process.stdout })
    : undefined
  bar?.start(LOAD_MS, 0)
  const figures = await loadRateLimiter(engine, LOAD_MS, (passedMs) =>
    bar?.update(Math.min(passedMs, LOAD_MS)),
  )
  bar?.update(LOAD_MS)
  bar?.stop()

  const table = new Table({
    head: ['runs', 'allowed', 'runs/s', 'p50', 'p99'],
    style: { head: [], border: [] },
  })
  table.push([
    figures.runs.toLocaleString('en'),
    figures.allowed.toLocaleString('en'),
    Math.round(figures.runsPerSecond).toLocaleString('en'),
    `${figures.p50Us.toFixed(0)} µs`,
    `${figures.p99Us.toFixed(0)} µs`,
  ])
  console.log(table.toString())
}
