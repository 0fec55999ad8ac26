// Each example of the document, with its undefined names defined at the top, just runs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seedCases, seedExample } from '../../examples/seed-cases.js'
import { folderWith, moonpool } from '../support/command-line.js'
import { readProjectFile } from '../support/project.js'

const preamble = readProjectFile('examples/seed-preamble.lua')

for (const { file, prints } of seedCases) {
  test(`moonpool run: ${file} just runs`, async (t) => {
    const cwd = folderWith(t, { [file]: `${preamble}\n${seedExample(file)}` })
    assert.deepEqual(await moonpool(['run', file, '--prefix', 'tenant_123'], { cwd }), {
      code: 0,
      // 11 prints at its second call only, and nobody calls it here.
      stdout: [...(file.startsWith('11') ? [] : prints), 'undefined', ''].join('\n'),
      stderr: '',
    })
  })
}

test('moonpool check: the examples compile', async (t) => {
  const files = Object.fromEntries(seedCases.map(({ file }) => [file, seedExample(file)]))
  const { code, stdout, stderr } = await moonpool(['check', ...Object.keys(files)], {
    cwd: folderWith(t, files),
  })
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^13 files: 0 errors, 4 warnings$/m)
})
