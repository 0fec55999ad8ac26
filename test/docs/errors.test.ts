// docs/errors.md holds what src/errors.ts holds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERROR_TABLE } from '../../src/errors.js'
import { table, unquoted } from '../support/markdown.js'
import { projectFiles, readProjectFile } from '../support/project.js'

const document = readProjectFile('docs/errors.md')

test('the table holds every code, its class and what to do', () => {
  const shown = table(document, 'code').map(([code, type, , , remedy]) => [
    unquoted(code),
    unquoted(type),
    remedy,
  ])
  const known = Object.entries(ERROR_TABLE).map(([code, { type, remedy }]) => [code, type, remedy])
  assert.deepEqual(shown, known, 'mend the table in docs/errors.md, or the one in src/errors.ts')
})

test('each code says what happened, and where it can happen, why', () => {
  for (const [code, , happened = '', cause = ''] of table(document, 'code')) {
    assert.ok(happened.length > 20, code)
    assert.ok(cause.length > 10 || happened.includes('never happens today'), code)
  }
})

test('every class stands in the table of classes', () => {
  const shown = table(document, 'class').map(([name]) => unquoted(name))
  const known = new Set(Object.values(ERROR_TABLE).map(({ type }) => type))
  assert.deepEqual(shown.toSorted(), [...known].toSorted())
})

test('every process warning stands in the table of warnings', () => {
  const shown = table(document, 'warning').map(([code]) => unquoted(code))
  const known = projectFiles()
    .filter((file) => file.startsWith('src/') && file.endsWith('.ts'))
    .map(readProjectFile)
    .filter((source) => source.includes('emitWarning'))
    .flatMap((source) => source.match(/'MOONPOOL_[A-Z_]+(?=')/g) ?? [])
    .map((code) => code.slice(1))
    .filter((code) => !(code in ERROR_TABLE))
  assert.deepEqual(shown.toSorted(), known.toSorted())
})
