// Runs every compiled test under this file's own folder; the same on every Node line that is supported.
//
//   node dist/test/run.js [--stress] [part of a file name …]
//
// `node --test` itself takes folders and patterns differently from one Node line to the next; its `run()` does not.
// What `timeout` bounds does differ (a file on 20 and 22, a test on 24 and later, neither a busy loop there), so silence
// is bounded as well: a run from which nothing is heard for so long is ended, and what was still running counts as failed.

import { setMaxListeners } from 'node:events'
import { readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const TEST_TIMEOUT_MS = 300_000
const STRESS_TIMEOUT_MS = 1_800_000
/** Two test processes at a time: each starts threads of its own. */
const CONCURRENCY = 2

const folder = dirname(fileURLToPath(import.meta.url))
const words = process.argv.slice(2)
const stress = words.includes('--stress')
const filters = words.filter((word) => word !== '--stress')
const ending = stress ? '.stress.js' : '.test.js'

const files = (readdirSync(folder, { recursive: true }) as string[])
  .map((file) => join(folder, file))
  .filter((file) => file.endsWith(ending))
  .filter((file) => filters.length === 0 || filters.some((part) => relative(folder, file).includes(part)))
  .sort()

// What test files write is passed on to this process's stdout; only here is it known where that ends.
process.env.TESTS_ON_TERMINAL = process.stdout.isTTY ? '1' : '0'

function runFiles(timeoutMs: number): void {
  const silence = new AbortController()
  // Each file's process listens, and Node warns of more than ten.
  setMaxListeners(0, silence.signal)
  const endSilence = (): void => {
    console.error(`nothing was heard from the tests for ${timeoutMs / 1000} s: ending them`)
    process.exitCode = 1
    silence.abort()
  }
  let timer = setTimeout(endSilence, timeoutMs)
  const heard = (): void => {
    clearTimeout(timer)
    timer = setTimeout(endSilence, timeoutMs)
  }
  run({ files, concurrency: CONCURRENCY, timeout: timeoutMs, signal: silence.signal })
    .on('test:fail', () => {
      process.exitCode = 1
    })
    .on('data', heard)
    .on('end', () => clearTimeout(timer))
    .compose(new spec())
    .pipe(process.stdout)
}

if (files.length === 0) {
  console.error(
    `no *${ending} under ${folder}${filters.length > 0 ? ` matches ${filters.join(' or ')}` : ''}`,
  )
  process.exitCode = 1
} else {
  runFiles(stress ? STRESS_TIMEOUT_MS : TEST_TIMEOUT_MS)
}
