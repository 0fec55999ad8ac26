// Wrong calls of the command line: exit code 2, the reason on stderr, nothing on stdout.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, moonpool } from '../support/command-line.js'
import { readProjectFile } from '../support/project.js'

const WRONG: readonly (readonly [what: string, words: readonly string[], says: RegExp])[] = [
  ['no command', [], /^Usage: moonpool /],
  ['an unknown command', ['rum', 'a.lua'], /unknown command 'rum'\n\(Did you mean run\?\)/],
  [
    'an unknown option',
    ['run', 'a.lua', '--tiemout', '5'],
    /unknown option '--tiemout'\n\(Did you mean --timeout\?\)/,
  ],
  ['no file', ['run'], /missing required argument 'file'/],
  ['a file too many', ['run', 'a.lua', 'b.lua'], /too many arguments/],
  ['a missing file', ['run', 'none.lua'], /^moonpool: cannot read none\.lua: no such file or folder\n$/],
  ['a folder', ['run', '.'], /^moonpool: cannot read \.: it is a folder\n$/],
  ['a missing file of check', ['check', 'none.lua'], /^moonpool: cannot read none\.lua: no such file/],
  ['no file to check', ['check'], /missing required argument 'file'/],
  ['bad JSON', ['run', 'a.lua', '--args', '{bad'], /--args <json>.*It must be JSON: /],
  ['an option without its value', ['run', 'a.lua', '--timeout'], /argument missing/],
  [
    'no number',
    ['run', 'a.lua', '--repeat', 'many'],
    /--repeat.*must be a whole number of 1 to 1,000,000,000/,
  ],
  [
    'a number out of range',
    ['run', 'a.lua', '--threads', '129'],
    /--threads.*must be a whole number of 1 to 128/,
  ],
  ['a timeout of zero', ['run', 'a.lua', '--timeout', '0'], /--timeout.*must be a number of 1 to 86,400,000/],
  ['a missing file of load', ['load', 'none.lua'], /^moonpool: cannot read none\.lua: no such file/],
  ['a rate of nothing', ['load', 'a.lua', '--rate', '0'], /--rate.*must be a number of 0\.1 to 1,000,000/],
  [
    'a negative duration',
    ['load', 'a.lua', '--duration', '-5'],
    /--duration.*must be a number of 0\.1 to 86,400/,
  ],
  ['no prefix', ['load', 'a.lua', '--prefixes', '0'], /--prefixes.*must be a whole number of 1 to 50,000/],
  ['a fraction of a run', ['run', 'a.lua', '--repeat', '1.5'], /--repeat/],
]

const DEEP = '['.repeat(129) + ']'.repeat(129)

const REFUSED_ARGUMENTS: typeof WRONG = [
  [
    'JSON that is no text for Lua',
    ['run', 'a.lua', '--args', '["\\ud800"]'],
    /^moonpool: --args\[0\] is .*surrogate/,
  ],
  ['JSON that is too deep', ['run', 'a.lua', '--args', DEEP], /^moonpool: --args\[0\].*deeper than 128/],
  [
    'the same with --json',
    ['run', 'a.lua', '--json', '--args', '"\\ud800"'],
    /^moonpool: --args is .*surrogate/,
  ],
  [
    'the same for load',
    ['load', 'a.lua', '--duration', '1', '--args', '"\\ud800"'],
    /^moonpool: --args is .*surrogate/,
  ],
]

for (const [what, words, says] of [...WRONG, ...REFUSED_ARGUMENTS]) {
  test(`usage: ${what}`, async (t) => {
    const cwd = folderWith(t, { 'a.lua': 'return 1' })
    const { code, stdout, stderr } = await moonpool(words, { cwd })
    assert.match(stderr, says)
    assert.deepEqual([code, stdout], [2, ''])
  })
}

test('usage: a source that is too long', async (t) => {
  const cwd = folderWith(t, { 'a.lua': `--${' '.repeat(2 ** 20)}` })
  const { code, stdout, stderr } = await moonpool(['run', 'a.lua'], { cwd })
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /^moonpool: .*sourceBytes/)
})

test('--version and --help', async () => {
  const { version } = JSON.parse(readProjectFile('package.json'))
  assert.deepEqual(await moonpool(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  const help = await moonpool(['--help'])
  assert.deepEqual([help.code, help.stderr], [0, ''])
  for (const command of ['run', 'check', 'load']) {
    assert.match(help.stdout, new RegExp(`^ +${command} `, 'm'))
    const own = await moonpool([command, '--help'])
    assert.deepEqual([own.code, own.stderr], [0, ''])
    assert.match(own.stdout, new RegExp(`^Usage: moonpool ${command} `))
  }
})
