// Runs every compiled test under this file's own folder; the same on every Node line that is supported.
//
//   node dist/test/run.js [--stress] [part of a file name …]
//
// `node --test` itself takes folders and patterns differently from one Node line to the next; its `run()` does not.

import { readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const TEST_FILE_TIMEOUT_MS = 120_000
const STRESS_FILE_TIMEOUT_MS = 1_800_000
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

if (files.length === 0) {
  console.error(
    `no *${ending} under ${folder}${filters.length > 0 ? ` matches ${filters.join(' or ')}` : ''}`,
  )
  process.exitCode = 1
} else {
  run({ files, concurrency: CONCURRENCY, timeout: stress ? STRESS_FILE_TIMEOUT_MS : TEST_FILE_TIMEOUT_MS })
    .on('test:fail', () => {
      process.exitCode = 1
    })
    .compose(new spec())
    .pipe(process.stdout)
}
