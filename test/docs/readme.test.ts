// The README's tables hold what the code holds, in the order in which a reader needs them. Its code is run by
// code-blocks.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ERROR_TABLE } from '../../src/errors.js'
import { resolveEngineOptions, resolveRunOptions } from '../../src/options.js'
import { startEngine } from '../support/engine.js'
import { block, section, table, unquoted } from '../support/markdown.js'
import { readProjectFile } from '../support/project.js'
import { thrown } from '../support/rejection.js'

const readme = readProjectFile('README.md')

test('the option table holds every option and its default', () => {
  const { cache, limits, tenants, ...settings } = resolveEngineOptions({})
  const known: Record<string, unknown> = { ...settings, threads: 'cores - 1' }
  for (const [name, value] of Object.entries(tenants)) known[`tenants.${name}`] = value
  for (const [name, value] of Object.entries(cache)) known[`cache.${name}`] = value
  for (const [name, value] of Object.entries(limits)) known[`limits.${name}`] = value
  // Options without a default that resolving leaves out.
  for (const name of ['onPrint', 'limits.instructions']) known[name] = undefined

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

test('the table of run options holds every one of them', () => {
  const error = thrown(() => resolveRunOptions({ thereIsNone: 1 }, 'run'), 'MOONPOOL_INVALID_OPTION')
  const known = error.message.replace(/^.*known here: /, '').split(', ')
  const shown = table(readme, 'run option').map(([name]) => unquoted(name))
  assert.deepEqual(shown.toSorted(), known.toSorted(), 'mend the table in README.md')
})

test('the table of the cache holds every function that scripts have', async (t) => {
  const engine = await startEngine(t)
  const names = await engine.eval<string[]>(
    'local names = {} for name in pairs(cache) do names[#names + 1] = name end return names',
  )
  const shown = table(readme, 'in Lua').map(([call]) => unquoted(call).replace(/^cache\.(\w+)\(.*$/, '$1'))
  assert.deepEqual(shown.toSorted(), names.toSorted(), 'mend the table in README.md')
})

test('the codes that the README names exist', () => {
  for (const [code] of readme.matchAll(/MOONPOOL_\w+/g)) assert.ok(code in ERROR_TABLE, code)
})

test('an error looks as the README shows it', async (t) => {
  const engine = await startEngine(t)
  const source = 'function main(request)\n local hits = 1\n  return hits < request.limit * 2\nend'
  const script = await engine.load(source, { name: 'limiter.lua' })
  const error: unknown = await script.run({}).catch((reason: unknown) => reason)
  assert.equal(`${inspect(error)}\n`, block(section(readme, 'Errors'), 'text'))
})

test('the chapters come in this order', () => {
  const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, title]) => title)
  const wanted = [
    'Example',
    'How it works',
    'The cache',
    'Options and limits',
    'Freshness and order',
    'Errors',
    'Figures',
    'If you know …',
    'How to work on it',
  ]
  assert.deepEqual(
    headings.filter((title) => wanted.includes(title ?? '')),
    wanted,
  )
})

test('freshness and order take five sentences', () => {
  const text = section(readme, 'Freshness and order').replace(/^.*\n/, '')
  assert.equal(text.match(/[a-z`]\.(?=\s)/g)?.length, 5)
})
