// docs/security.md: every promise names the tests that show it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localLinks } from '../support/markdown.js'
import { projectFiles, readProjectFile } from '../support/project.js'

const document = readProjectFile('docs/security.md')
const HEAD = '| promise | shown by |\n| --- | --- |\n'

const rows = document
  .split(HEAD)
  .slice(1)
  .flatMap((part) => part.slice(0, part.indexOf('\n\n')).trim().split('\n'))

test('every promise names its tests, by links whose text is the file', () => {
  const tests = projectFiles('test')
  assert.ok(rows.length > 30)
  for (const row of rows) {
    const links = localLinks(row).filter((link) => link.startsWith('../'))
    assert.ok(links.length > 0, row)
    for (const link of links) {
      const file = link.replace('../', '')
      assert.ok(tests.includes(file) && /\.(?:test|stress)\.ts$/.test(file), `${link} is no test: ${row}`)
      assert.ok(row.includes(`[${file.slice(file.lastIndexOf('/') + 1)}](`), row)
    }
  }
})
