// Every code block of the README and of docs/ that can run is run: TypeScript as a process of its own, Lua as a chunk, and
// what is printed is the `text` block that follows, if one does. Commands with such a block are run as well; all others
// are looked up.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { runCodeBlock } from '../support/code-block.js'
import { startEngine } from '../support/engine.js'
import { projectFiles, projectRoot, readProjectFile } from '../support/project.js'

/** A busy machine must not fail a test. */
const PATIENCE_MS = 60_000

interface Block {
  readonly file: string
  readonly line: number
  readonly language: string
  readonly text: string
  /** Of the block that follows with nothing between. */
  readonly output: string | undefined
}

function blocksOf(file: string): Block[] {
  const document = readProjectFile(file)
  const found = [...document.matchAll(/^```(\w*)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm)]
  return found.map(([, language = '', text = '', output], index) => ({
    file,
    line: document.slice(0, found[index]?.index).split('\n').length,
    language,
    text,
    output,
  }))
}

const documents = ['README.md', ...projectFiles('docs').filter((file) => file.endsWith('.md'))]
const blocks = documents.flatMap(blocksOf)
const KNOWN = ['ts', 'lua', 'sh', 'text', '']

test('every block is of a kind that is looked at', () => {
  for (const { file, line, language } of blocks)
    assert.ok(KNOWN.includes(language), `${file}:${line}: ${language}`)
  assert.ok(blocks.some(({ language }) => language === 'ts'))
})

for (const { file, line, language, text, output } of blocks) {
  const where = `${file}:${line}`
  if (language === 'ts') {
    test(`${where} runs as shown`, async () => {
      const { stdout, stderr } = await runCodeBlock(text)
      assert.equal(stderr, '')
      if (output !== undefined) assert.equal(stdout, output)
    })
  }
  if (language === 'lua') {
    test(`${where} runs as shown`, async (t) => {
      const lines: string[] = []
      const engine = await startEngine(t, { onPrint: (printed) => lines.push(`${printed}\n`) })
      await engine.eval(text, [], { cachePrefix: 'document' })
      if (output !== undefined) assert.equal(lines.join(''), output)
    })
  }
  if (language === 'sh') {
    test(`${where} names commands that exist`, () => checkCommands(text))
    if (output !== undefined) {
      test(`${where} prints what is shown`, async () => {
        const options = { cwd: projectRoot, timeout: PATIENCE_MS }
        assert.equal((await promisify(execFile)('sh', ['-c', text], options)).stdout, output)
      })
    }
  }
}

/** `npm run x`, `node file`: what they name is there. Other commands are the reader's own. */
function checkCommands(text: string): void {
  const { scripts } = JSON.parse(readProjectFile('package.json')) as { readonly scripts: object }
  for (const [, name = ''] of text.matchAll(/\bnpm (?:run )?(?!run\b|ci\b|install\b|exec\b)([\w:-]+)/g)) {
    assert.ok(name in scripts, `npm knows no script "${name}"`)
  }
  for (const [, path = ''] of text.matchAll(/\bnode ((?:examples|bench|test|dist)\/\S+)/g)) {
    assert.ok(existsSync(join(projectRoot, path)), `${path} is not there`)
  }
}
