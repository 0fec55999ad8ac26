// moonpool check: syntax errors and warnings with their lines; nothing of the file is executed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, moonpool } from '../support/command-line.js'

test('check: a clean file', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main() return 1 end' })
  assert.deepEqual(await moonpool(['check', 'a.lua'], { cwd }), {
    code: 0,
    stdout: '1 file: 0 errors, 0 warnings\n',
    stderr: '',
  })
})

test('check: a syntax error, with its line', async (t) => {
  const cwd = folderWith(t, { 'folder/a.lua': 'local x = 1\nlocal = 2\n' })
  assert.deepEqual(await moonpool(['check', 'folder/a.lua'], { cwd }), {
    code: 1,
    stdout:
      "folder/a.lua:2: error: <name> expected near '=' [syntax]\n    2 | local = 2\n1 file: 1 error, 0 warnings\n",
    stderr: '',
  })
})

test('check: warnings are no failure, unless --strict', async (t) => {
  const cwd = folderWith(t, {
    'a.lua': 'local t0 = os.time()\nfunction main()\n  return cache:get("k")\nend',
  })
  const { code, stdout, stderr } = await moonpool(['check', 'a.lua'], { cwd })
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^a\.lua:1: warning: os\.time at the top level .*\n {4}1 \| local t0 = os\.time\(\)\n/)
  assert.match(
    stdout,
    /^a\.lua:3: warning: write cache\.get, not cache:get.*\n {4}3 \| {3}return cache:get\("k"\)\n/m,
  )
  assert.match(stdout, /^1 file: 0 errors, 2 warnings$/m)
  const strict = await moonpool(['check', '--strict', 'a.lua'], { cwd })
  assert.deepEqual([strict.code, strict.stdout, strict.stderr], [1, stdout, ''])
})

test('check: get, then put_ttl of one key', async (t) => {
  const cwd = folderWith(t, {
    'a.lua':
      'function main(user)\n  local key = "hits:" .. user\n  local hits = cache.get(key, 0)\n  cache.put_ttl(key, hits + 1, 60)\nend',
  })
  const { code, stdout } = await moonpool(['check', 'a.lua'], { cwd })
  assert.equal(code, 0)
  assert.match(
    stdout,
    /^a\.lua:4: warning: cache\.put_ttl after cache\.get of the same key in line 3: .*lost/,
  )
})

test('check: several files, all looked at, the worst decides', async (t) => {
  const cwd = folderWith(t, { 'good.lua': 'return 1', 'bad.lua': 'return (' })
  const { code, stdout, stderr } = await moonpool(['check', 'none.lua', 'bad.lua', 'good.lua'], { cwd })
  assert.equal(code, 2)
  assert.equal(stderr, 'moonpool: cannot read none.lua: no such file or folder\n')
  assert.match(stdout, /^bad\.lua:1: error: /)
  assert.match(stdout, /^2 files: 1 error, 0 warnings$/m)
})

test('check --json', async (t) => {
  const cwd = folderWith(t, { 'a.lua': '\nlocal r = math.random(6)', 'bad.lua': 'return )' })
  const { code, stdout, stderr } = await moonpool(['check', '--json', 'a.lua', 'bad.lua', 'none.lua'], {
    cwd,
  })
  assert.deepEqual([code, stderr], [2, ''])
  const { files, ...counts } = JSON.parse(stdout)
  assert.deepEqual(counts, { ok: false, errors: 1, warnings: 1, unreadable: 1 })
  const [{ message, ...warning }] = files[0].problems
  assert.match(message, /^math\.random at the top level/)
  assert.deepEqual(warning, {
    severity: 'warning',
    rule: 'frozen-at-load',
    line: 2,
    source: 'local r = math.random(6)',
  })
  assert.deepEqual(files[1], {
    file: 'bad.lua',
    problems: [
      {
        severity: 'error',
        rule: 'syntax',
        line: 1,
        message: "unexpected symbol near ')'",
        source: 'return )',
      },
    ],
  })
  assert.deepEqual(files[2], {
    file: 'none.lua',
    problems: [],
    unreadable: 'cannot read none.lua: no such file or folder',
  })
})

test('check: nothing is executed, however the file tries', async (t) => {
  const cwd = folderWith(t, {
    'loop.lua': 'while true do end',
    'print.lua': 'print("executed") error("executed")',
    'closes.lua': 'end print("executed") do',
    'returns.lua': ') print("executed") return (',
    'varargs.lua': 'goto done local a, b = ... ::done:: return ...',
    'preamble.lua': '\ufeff#!/usr/bin/env lua\nlocal x <const>, y <close> = 1, nil\n',
  })
  const names = ['loop', 'print', 'closes', 'returns', 'varargs', 'preamble'].map((name) => `${name}.lua`)
  const { code, stdout, stderr } = await moonpool(['check', '--json', ...names], { cwd })
  assert.deepEqual([code, stderr], [1, ''])
  const { files } = JSON.parse(stdout)
  assert.deepEqual(
    files.map(({ problems }: { problems: { message: string }[] }) => problems.map(({ message }) => message)),
    [
      [],
      [],
      ["<eof> expected near 'end'"],
      ["unexpected symbol near ')'"],
      ["<goto done> at line 1 jumps into the scope of local 'a'"],
      [],
    ],
  )
})

test('check: what is no text, and what is too long', async (t) => {
  const cwd = folderWith(t, {
    'binary.lua': Uint8Array.of(0x1b, 0x4c, 0x75, 0x61, 0x54),
    'latin.lua': Uint8Array.of(...Buffer.from('return "'), 0xe4, ...Buffer.from('", cache:get(1)')),
    'long.lua': `--${' '.repeat(2 ** 20)}`,
  })
  const { code, stdout } = await moonpool(['check', '--json', 'binary.lua', 'latin.lua', 'long.lua'], { cwd })
  assert.equal(code, 1)
  const [binary, latin, long] = JSON.parse(stdout).files.map(
    ({ problems }: { problems: { message: string; severity: string }[] }) => problems[0],
  )
  assert.match(binary.message, /attempt to load a binary chunk/)
  assert.deepEqual([latin.rule, latin.line], ['method-call', 1])
  assert.match(long.message, /1048578 bytes.*1048576/)
})
