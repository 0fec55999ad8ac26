// docs/semantics.md and the tests know the same rows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readProjectFile } from '../support/project.js'
import { typescriptFiles } from '../support/source-imports.js'

const rows = [...readProjectFile('docs/semantics.md').matchAll(/^\| ([A-Z]\d+) \|/gm)].map(
  ([, row]) => row ?? '',
)

interface NamedTest {
  readonly file: string
  readonly name: string
}

const tests: readonly NamedTest[] = typescriptFiles
  .filter((file) => /^test\/.*\.(?:test|stress)\.ts$/.test(file))
  .flatMap((file) =>
    [...readProjectFile(file).matchAll(/\b(?:test|it|describe)\(\s*(['"`])((?:(?!\1).)+)\1/g)].map(
      ([, , name]) => ({
        file,
        name: name ?? '',
      }),
    ),
  )

test('each row stands once, in order', () => {
  const byNumber = (a: string, b: string): number =>
    a.charCodeAt(0) - b.charCodeAt(0) || Number(a.slice(1)) - Number(b.slice(1))
  const cacheRows = rows.filter((row) => row.startsWith('C'))
  const hostRows = rows.filter((row) => row.startsWith('T'))
  assert.deepEqual(cacheRows, [...new Set(cacheRows)].sort(byNumber))
  assert.deepEqual(hostRows, [...new Set(hostRows)].sort(byNumber))
  for (const row of [...Array.from({ length: 18 }, (_, index) => `C${index + 1}`), 'C20']) {
    assert.ok(cacheRows.includes(row), `docs/semantics.md has no row ${row}: write it`)
  }
})

test('every row that a test quotes stands in docs/semantics.md', () => {
  const unknown = tests.flatMap(({ file, name }) =>
    [...name.matchAll(/\b[CTX]\d{1,2}\b(?=[:, ]|$)/g)]
      .filter(([row]) => !rows.includes(row))
      .map(([row]) => `${file}: "${name}" quotes ${row}`),
  )
  assert.deepEqual(unknown, [], 'write the row, or mend the number')
})

test('every row has a test that carries its number', () => {
  const untested = rows.filter((row) => !tests.some(({ name }) => new RegExp(`^${row}[: ]`).test(name)))
  assert.deepEqual(untested, [], 'name a test after the row: test("C5: …")')
})
