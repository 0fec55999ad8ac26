// Colours: FORCE_COLOR, then NO_COLOR, then whether it is a terminal.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { harmless, isInteractive, paletteFor } from '../../src/cli/terminal.js'
import { folderWith, mainFile, moonpool } from '../support/command-line.js'

const isColoured = (isTTY: boolean | undefined, env: NodeJS.ProcessEnv): boolean =>
  paletteFor(isTTY === undefined ? {} : { isTTY }, env).isColoured

test('colours: for terminals, unless the environment says otherwise', () => {
  assert.equal(isColoured(true, {}), true)
  assert.equal(isColoured(false, {}), false)
  assert.equal(isColoured(undefined, {}), false)
  assert.equal(isColoured(true, { TERM: 'dumb' }), false)
  assert.equal(isColoured(true, { NO_COLOR: '1' }), false)
  assert.equal(isColoured(true, { NO_COLOR: '' }), true)
  assert.equal(isColoured(false, { FORCE_COLOR: '1' }), true)
  assert.equal(isColoured(false, { FORCE_COLOR: '' }), true)
  assert.equal(isColoured(false, { FORCE_COLOR: '3', NO_COLOR: '1' }), true)
  assert.equal(isColoured(true, { FORCE_COLOR: '0' }), false)
  assert.equal(isColoured(true, { FORCE_COLOR: 'false' }), false)
})

test('without colours a palette changes nothing; with them it ends what it begins', () => {
  const plain = paletteFor({ isTTY: false }, {})
  const bright = paletteFor({ isTTY: true }, {})
  for (const style of ['bold', 'dim', 'red', 'yellow'] as const) {
    assert.equal(plain[style]('x'), 'x')
    assert.match(bright[style]('x').replaceAll('\x1b', '^'), /^\^\[\d+mx\^\[\d+m$/)
  }
  assert.equal(bright.red('x'), '\x1b[31mx\x1b[39m')
})

test('a bar needs a terminal whose cursor moves', () => {
  assert.deepEqual(
    [
      isInteractive({ isTTY: true }, 'xterm'),
      isInteractive({ isTTY: true }, 'dumb'),
      isInteractive({}, 'xterm'),
    ],
    [true, false, false],
  )
})

test('control characters are written out, tabs and line ends stay', () => {
  assert.equal(harmless('a\x1b[0m\r\u0085\u202e\u2028\t\nä'), 'a\\x1b[0m\\x0d\\x85\\u{202e}\\u{2028}\t\nä')
})

test('the command line: colours by FORCE_COLOR only, as its output is no terminal', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main(n) if n then error("no") end return { 5 } end' })
  const plain = await moonpool(['run', 'a.lua'], { cwd })
  assert.equal(plain.stdout, '[ 5 ]\n')
  const forced = await moonpool(['run', 'a.lua'], { cwd, env: { FORCE_COLOR: '1' } })
  assert.equal(forced.stdout, '[ \x1b[33m5\x1b[39m ]\n')
  const error = await moonpool(['run', 'a.lua', '--args', '1'], { cwd, env: { FORCE_COLOR: '1' } })
  assert.ok(
    error.stderr.startsWith('\x1b[1m\x1b[31mMOONPOOL_LUA_ERROR:\x1b[39m\x1b[22m a.lua:1: no\n'),
    error.stderr,
  )
  const without = await moonpool(['run', 'a.lua', '--args', '1'], { cwd, env: { NO_COLOR: '1' } })
  assert.match(without.stderr, /^MOONPOOL_LUA_ERROR: /)
})

/** Gives a command a terminal; not every machine has it. */
const SCRIPT = '/usr/bin/script'

test('on a terminal there is a bar while runs repeat, and colours unless NO_COLOR forbids them', async (t) => {
  if (!existsSync(SCRIPT)) return t.diagnostic(`not looked at: there is no ${SCRIPT}`)
  const cwd = folderWith(t, { 'a.lua': 'function main() return 5 end' })
  const onTerminal = async (env: NodeJS.ProcessEnv): Promise<string> => {
    const command = `"${process.execPath}" "${mainFile}" run a.lua --repeat 2000`
    const { PATH } = process.env
    const options = { cwd, env: { PATH, TERM: 'xterm', ...env }, timeout: 60_000 }
    return (await promisify(execFile)(SCRIPT, ['-qec', command, '/dev/null'], options)).stdout
  }
  const [showCursor, hideCursor, yellow] = ['\x1b[?25h', '\x1b[?25l', '\x1b[33m5\x1b[39m']
  const coloured = await onTerminal({})
  for (const part of [hideCursor, showCursor, yellow, '% runs', '2000 runs in'])
    assert.ok(coloured.includes(part), part)
  const plain = await onTerminal({ NO_COLOR: '1' })
  assert.ok(plain.includes('% runs') && !plain.includes(yellow), plain)
  assert.ok(!(await onTerminal({ TERM: 'dumb' })).includes('\x1b'))
})

test('results and JSON hold no control character either, and mean the same', async (t) => {
  const text = '\x1b[2J\x9b31m\u202eevil\u2066\n'
  const cwd = folderWith(t, { 'a.lua': `return "\\27[2J\\u{9b}31m\\u{202e}evil\\u{2066}\\n"` })
  const shown = await moonpool(['run', 'a.lua'], { cwd })
  assert.equal(shown.stdout, `'\\x1B[2J\\x9B31m\\u{202e}evil\\u{2066}\\n'\n`)
  const coloured = await moonpool(['run', 'a.lua'], { cwd, env: { FORCE_COLOR: '1' } })
  assert.equal(coloured.stdout.replace('\x1b[32m', '').replace('\x1b[39m', ''), shown.stdout)
  const { stdout } = await moonpool(['run', 'a.lua', '--json'], { cwd })
  assert.match(stdout, /^[ -~]+\n$/)
  assert.equal(JSON.parse(stdout).result, text)
})
