// What holds for every example: it is short, it is run by a test, and it uses what users have.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectFiles, readProjectFile } from '../support/project.js'
import { runExample } from './example-process.js'

const MAX_LINES = 40
const MAX_SERVER_LINES = 20

const examples = projectFiles('examples').filter((file) => file.endsWith('.mjs'))

test('workers-and-tenants.mjs tells what it is about', async (t) => {
  const { code, stdout, stderr } = await runExample(t, 'workers-and-tenants.mjs')
  assert.equal(stderr, '')
  assert.equal(code, 0)
  assert.equal(
    stdout,
    `acme prints: visit 1, seen = 1
acme prints: visit 2, seen = 1
zenith prints: visit 1, seen = 1
zenith had 100 answers meanwhile
acme got MOONPOOL_TIMEOUT
acme    /home: 2
zenith  /home: 1
`,
  )
})

test('every example is short, and comes from the package’s front door', () => {
  for (const file of [...examples, 'examples/limiter.lua']) {
    const lines = readProjectFile(file).trimEnd().split('\n').length
    const most = file === 'examples/server.mjs' ? MAX_SERVER_LINES : MAX_LINES
    assert.ok(lines <= most, `${file} has ${lines} lines, at most ${most} are wanted`)
  }
  for (const file of examples) {
    assert.match(readProjectFile(file), /from 'moonpool'/, file)
    assert.doesNotMatch(readProjectFile(file), /from '\./, file)
  }
})

test('every example is run by a test', () => {
  const tests = projectFiles('test/examples').map(readProjectFile).join()
  for (const file of examples) assert.ok(tests.includes(`'${file.replace('examples/', '')}'`), file)
})
