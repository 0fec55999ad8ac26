// The README's example runs and prints what it says; its tables hold what the code holds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveEngineOptions } from '../../src/options.js'
import { runCodeBlock } from '../support/code-block.js'
import { block, section, table, unquoted } from '../support/markdown.js'
import { readProjectFile } from '../support/project.js'

const readme = readProjectFile('README.md')

test('the example prints what the README says', async () => {
  const text = section(readme, 'Example')
  const { stdout, stderr } = await runCodeBlock(block(text, 'ts'))
  assert.equal(stderr, '')
  assert.equal(stdout, block(text, 'text'))
})

test('the option table holds every option and its default', () => {
  const { cache, limits, ...settings } = resolveEngineOptions({})
  const known: Record<string, unknown> = { ...settings, threads: 'cores - 1' }
  for (const [name, value] of Object.entries(cache)) known[`cache.${name}`] = value
  for (const [name, value] of Object.entries(limits)) known[`limits.${name}`] = value
  known.onPrint = undefined

  const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, ms: 1 }
  const shown = Object.fromEntries(
    table(readme, 'option').map(([name, fallback = '']) => {
      const [, digits, unit] = fallback.match(/^([\d,]+)(?: (\w+))?$/) ?? []
      const words: Readonly<Record<string, unknown>> = { none: undefined, false: false, true: true }
      const value =
        digits === undefined
          ? fallback in words
            ? words[fallback]
            : fallback
          : Number(digits.replaceAll(',', '')) * (unit === undefined ? 1 : (units[unit] ?? Number.NaN))
      return [unquoted(name), value]
    }),
  )
  assert.deepEqual(shown, known, 'mend the table in README.md, or the defaults in src/limits.ts')
})
