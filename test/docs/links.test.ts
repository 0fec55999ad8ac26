// What the documents point to exists.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { test } from 'node:test'
import { anchors, localLinks, namedFiles } from '../support/markdown.js'
import { projectFiles, projectRoot, readProjectFile } from '../support/project.js'

const documents = projectFiles().filter((file) => file.endsWith('.md'))

test('the walk sees the documents', () => {
  for (const file of ['README.md', 'CHANGELOG.md', 'docs/semantics.md', 'docs/errors.md']) {
    assert.ok(documents.includes(file), file)
  }
})

for (const file of documents) {
  test(`${file}: every link leads somewhere`, () => {
    const text = readProjectFile(file)
    for (const link of localLinks(text)) {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : posix.join(posix.dirname(file), path)
      assert.ok(existsSync(join(projectRoot, target)), `${file} links to ${link}, which is not there`)
      if (anchor === undefined) continue
      assert.ok(
        anchors(readProjectFile(target)).includes(anchor),
        `${file} links to ${link}: no such heading`,
      )
    }
  })

  test(`${file}: every file that it names exists`, () => {
    // What a command writes is not there before.
    const named = namedFiles(readProjectFile(file)).filter((name) => !name.startsWith('bench/results/'))
    for (const name of named) {
      assert.ok(existsSync(join(projectRoot, name)), `${file} names ${name}, which is not there`)
    }
  })
}
