// The README's example runs and prints what it says; its tables hold what the code holds.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ERROR_TABLE } from '../src/errors.js'
import { resolveEngineOptions } from '../src/options.js'
import { readProjectFile } from './support/project.js'

const readme = readProjectFile('README.md')

/** The first fenced block of that language under the heading. */
function block(heading: string, language: string): string {
  const section = readme.slice(readme.indexOf(`\n## ${heading}\n`))
  const [, text] = section.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``)) ?? []
  assert.ok(text !== undefined, `the README has no ${language} block under ${heading}`)
  return text
}

/** The cells of the table whose first column is headed so. */
function table(head: string): string[][] {
  const lines = readme.slice(readme.indexOf(`\n| ${head} |`) + 1).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const unquoted = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')

test('the example prints what the README says', async () => {
  const code = block('Example', 'ts').replace(`from 'moonpool'`, `from '../src/index.js'`)
  const file = fileURLToPath(new URL('readme-example.mjs', import.meta.url))
  writeFileSync(file, code)
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { timeout: 60_000 })
    assert.equal(stderr, '')
    assert.equal(stdout, block('Example', 'text'))
  } finally {
    rmSync(file)
  }
})

test('the option table holds every option and its default', () => {
  const { cache, limits, ...settings } = resolveEngineOptions({})
  const known: Record<string, unknown> = { ...settings, threads: 'cores - 1' }
  for (const [name, value] of Object.entries(cache)) known[`cache.${name}`] = value
  for (const [name, value] of Object.entries(limits)) known[`limits.${name}`] = value
  known.onPrint = undefined

  const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, ms: 1 }
  const shown = Object.fromEntries(
    table('option').map(([name, fallback = '']) => {
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

test('the error table holds every code, its class and what to do', () => {
  const shown = table('code').map(([code, type, remedy]) => [unquoted(code), unquoted(type), remedy])
  const known = Object.entries(ERROR_TABLE).map(([code, { type, remedy }]) => [code, type, remedy])
  assert.deepEqual(shown, known, 'mend the table in README.md, or the one in src/errors.ts')
})

test('files that the README names exist', () => {
  const named = readme.matchAll(
    /\]\((?!https?:)([^)#]+)\)|`((?:src|test|docs|workers|bench)\/[\w./-]+\.\w+)`/g,
  )
  for (const [, link, path] of named) assert.ok(readProjectFile(link ?? path ?? '').length > 0)
})
