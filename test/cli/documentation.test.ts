// docs/command-line.md: its commands are run by a shell, and give what it shows. Figures of a machine are compared by
// their form.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { folderWith, mainFile } from '../support/command-line.js'
import { readProjectFile } from '../support/project.js'

const document = readProjectFile('docs/command-line.md')

/** Lua blocks name their file in a comment. */
const files = Object.fromEntries(
  [...document.matchAll(/^```lua\n(-- ([\w-]+\.lua)\n[\s\S]*?)^```$/gm)].map(([, source = '', name = '']) => [
    name,
    source,
  ]),
)

const sessions = [...document.matchAll(/^```\n\$ (.*)\n([\s\S]*?)^```$/gm)].map(
  ([, command = '', output = '']) => ({
    command,
    output,
  }),
)

/** A test need not measure as long as somebody who wants to know. */
const shortened = (command: string): string => command.replace('--duration 10', '--duration 0.5')

/** Durations, rates and the lengths of bars differ from run to run; rows of a histogram come and go. */
function form(output: string): string {
  return output
    .replace(/^ +(?:to|from) [\d.]+ (?:µs|ms|s) .*\n/gm, '')
    .replace(/[\d.,]+ (?:µs|ms)|\b[\d.]+ s\b|[\d,]+(?=\/s| runs\/s)/g, '#')
    .replace(/"ms":[\d.]+/g, '"ms":#')
    .replace(/^(?:asked for|arrived|completed|cache hit rate) .*$/gm, (line) => line.replace(/[\d.,]+/g, '#'))
    .replace(/─+/g, '─')
    .replace(/ +/g, ' ')
}

test('the document shows every command', () => {
  assert.ok(Object.keys(files).length > 0)
  for (const command of ['run', 'check', 'load']) {
    assert.ok(
      sessions.some((session) => session.command.startsWith(`moonpool ${command} `)),
      command,
    )
  }
})

for (const { command, output } of sessions) {
  test(`${command} gives what the document shows`, async (t) => {
    const cwd = folderWith(t, files)
    const script = `moonpool() { "${process.execPath}" "${mainFile}" "$@"; }\nexec 2>&1\n${shortened(command)}`
    const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd, env, timeout: 60_000 })
    assert.equal(form(stdout), form(output))
  })
}

test('every option of every command stands in the document', async () => {
  for (const command of ['run', 'check', 'load']) {
    const { stdout } = await promisify(execFile)(process.execPath, [mainFile, command, '--help'])
    for (const [, option = ''] of stdout.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)) {
      if (option !== '--help') assert.ok(document.includes(`\`${option}`), `${command} ${option}`)
    }
  }
})
