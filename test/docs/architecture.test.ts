// docs/architecture.md: every claim names the tests that show it, and the constants it names exist.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as limits from '../../src/limits.js'
import { localLinks } from '../support/markdown.js'
import { projectFiles, readProjectFile } from '../support/project.js'

const document = readProjectFile('docs/architecture.md')

const claims = [...document.matchAll(/^\| (?!claim|---|memory)(.+) \| (\[.+\]\(\.\.\/test\/.+\)) \|$/gm)]

test('there are claims in every chapter that makes some', () => {
  const chapters = document.split(/^## /m).slice(1)
  for (const chapter of chapters) {
    assert.match(chapter, /^\| claim \| shown by \|$/m, chapter.slice(0, chapter.indexOf('\n')))
  }
})

test('every row under "claim" names tests, by a link whose text is the file', () => {
  const rows = document
    .split('| claim | shown by |\n| --- | --- |\n')
    .slice(1)
    .flatMap((part) => part.slice(0, part.indexOf('\n\n')).trim().split('\n'))
  assert.equal(rows.length, claims.length)
  const tests = projectFiles('test')
  for (const row of rows) {
    const links = localLinks(row)
    assert.ok(links.length > 0, row)
    for (const link of links) {
      const file = link.replace('../', '')
      assert.ok(tests.includes(file) && /\.(?:test|stress)\.ts$/.test(file), `${link} is no test: ${row}`)
      assert.ok(row.includes(`[${file.slice(file.lastIndexOf('/') + 1)}](`), row)
    }
  }
})

test('constants in capitals exist', () => {
  const names = new Set(document.match(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g))
  const elsewhere = projectFiles('src')
    .filter((file) => file !== 'src/limits.ts')
    .map(readProjectFile)
  for (const name of names) {
    if (name.startsWith('MOONPOOL_')) continue
    const isKnown = name in limits || elsewhere.some((text) => text.includes(`const ${name}`))
    assert.ok(isKnown, `${name} is no constant of src/`)
  }
  assert.ok(names.size > 5)
})
