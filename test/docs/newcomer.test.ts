// What somebody does who comes here for the first time: clones the repository, installs, runs the README's first command,
// saves its example to a file and runs that. All in a folder of its own, from what is committed; the installed packages
// are this checkout's, so that no registry is asked.

import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { block, section } from '../support/markdown.js'
import { projectFiles, projectRoot } from '../support/project.js'
import { shell } from '../support/shell.js'

const folder = mkdtempSync(join(tmpdir(), 'moonpool-newcomer-'))
const clone = join(folder, 'moonpool')
let readme = ''

before(async () => {
  if (existsSync(join(projectRoot, '.git'))) {
    await shell('git', ['clone', '--quiet', '--no-hardlinks', projectRoot, clone], folder)
  } else {
    // An unpacked archive: what it holds is what was committed.
    for (const file of projectFiles()) cpSync(join(projectRoot, file), join(clone, file))
  }
  symlinkSync(realpathSync(join(projectRoot, 'node_modules')), join(clone, 'node_modules'), 'dir')
  readme = await readFile(join(clone, 'README.md'), 'utf8')
})

after(() => rmSync(folder, { recursive: true }))

test('the README begins with two commands, and npm knows both', async () => {
  const commands = block(readme, 'sh')
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s*#.*/, ''))
  assert.deepEqual(commands, ['npm ci && npm start', 'npm ci && npm test'])
  const { scripts } = JSON.parse(await readFile(join(clone, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  assert.ok(scripts.start !== undefined && scripts.test !== undefined)
  assert.ok(existsSync(join(clone, 'package-lock.json')), 'npm ci needs it')
})

test('npm start builds, shows every example as the document says, and figures under load', async () => {
  const output = await shell('npm', ['start'], clone)
  assert.match(output, /13-rate-limit\.lua/)
  const [, shown, all] = output.match(/^(\d+) of (\d+) as the document says\.$/m) ?? []
  assert.ok(shown !== undefined && shown === all, output)
  assert.doesNotMatch(output, /\bNO\b/)
  const [, runs] = output.match(/│\s*([\d,]+)\s*│\s*[\d,]+\s*│\s*[\d,]+\s*│\s*\d+ µs\s*│/) ?? []
  assert.ok(Number(runs?.replaceAll(',', '')) > 1000, output)
})

test('the README’s example, saved to a file, prints what the README says', async () => {
  const text = section(readme, 'Example')
  writeFileSync(join(clone, 'first.mjs'), block(text, 'ts'))
  assert.equal(await shell('node', ['first.mjs'], clone), block(text, 'text'))
})
