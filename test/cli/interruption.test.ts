// Ctrl-C: the command ends in order, says what it has, and exits with 130.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { type Ended, folderWith, type Started, type StartOptions, start } from '../support/command-line.js'

const ENDLESS = 'function main() print("begun") while true do end end'

async function interrupted(
  words: readonly string[],
  options: StartOptions,
  when: string,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<Ended> {
  const { child, said, ended } = start(words, options)
  await said(when)
  child.kill(signal)
  return ended
}

test('SIGINT: a run that does not end', async (t) => {
  const cwd = folderWith(t, { 'a.lua': ENDLESS })
  assert.deepEqual(await interrupted(['run', 'a.lua', '--timeout', '600000'], { cwd }, 'begun'), {
    code: 130,
    stdout: 'begun\n',
    stderr: 'interrupted\n',
  })
})

test('SIGINT: --json still gets its object', async (t) => {
  const cwd = folderWith(t, { 'a.lua': ENDLESS })
  const { code, stdout, stderr } = await interrupted(
    ['run', 'a.lua', '--json', '--timeout', '600000'],
    { cwd },
    'begun',
  )
  assert.deepEqual([code, stderr], [130, 'begun\ninterrupted\n'])
  const { ok, error } = JSON.parse(stdout)
  assert.deepEqual([ok, error.code], [false, 'MOONPOOL_ABORTED'])
})

test('SIGINT: --repeat shows what it has', async (t) => {
  const cwd = folderWith(t, {
    'a.lua':
      'function main()\n  local n = cache.get("n", 0) + 1\n  cache.put("n", n)\n  if n == 5 then print("fifth") while true do end end\nend',
  })
  const words = ['run', 'a.lua', '--repeat', '1000000000', '--timeout', '600000']
  const { code, stdout, stderr } = await interrupted(words, { cwd }, 'fifth')
  assert.deepEqual([code, stderr], [130, 'interrupted\n'])
  assert.match(stdout, /^4 runs in .*, 0 failed$/m)
})

test('SIGTERM: the same, with its own exit code', async (t) => {
  const cwd = folderWith(t, { 'a.lua': ENDLESS })
  const words = ['run', 'a.lua', '--timeout', '600000']
  assert.equal((await interrupted(words, { cwd }, 'begun', 'SIGTERM')).code, 143)
})

test('SIGINT: a load that does not end', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'print("top") cache.x = 1\nwhile true do end' })
  // Prints of a load are held back, so nothing tells that it has begun: any time will do.
  const { child, ended } = start(['run', 'a.lua', '--timeout', '600000'], { cwd })
  const timer = setInterval(() => child.kill('SIGINT'), 1500)
  const { code } = await ended
  clearInterval(timer)
  assert.equal(code, 130)
})

/** The command waits for a file that its writer never ends, here this test. */
async function waitingForFile(t: TestContext): Promise<Started & { readonly writer: FileHandle }> {
  const cwd = folderWith(t, {})
  await promisify(execFile)('mkfifo', [join(cwd, 'slow.lua')])
  const started = start(['run', 'slow.lua'], { cwd })
  // Opens once the other side does.
  return { ...started, writer: await open(join(cwd, 'slow.lua'), 'w') }
}

test('SIGINT: nothing runs any more that has not begun', async (t) => {
  const { child, ended, writer } = await waitingForFile(t)
  child.kill('SIGINT')
  await writer.write('function main() print("executed") end')
  await writer.close()
  assert.deepEqual(await ended, { code: 130, stdout: '', stderr: 'interrupted\n' })
})

test('SIGINT: a second one does not wait', async (t) => {
  const { child, ended, writer } = await waitingForFile(t)
  const repeated = setInterval(() => child.kill('SIGINT'), 50)
  const { code, stdout } = await ended
  clearInterval(repeated)
  await writer.close()
  assert.deepEqual([code, stdout], [130, ''])
})

test('output that nobody reads any more ends the command quietly', async (t) => {
  const cwd = folderWith(t, {
    'a.lua': 'function main() for i = 1, 1000 do print(i) end end',
  })
  const { child, said, ended } = start(['run', 'a.lua', '--repeat', '1000000000'], { cwd })
  await said('1000\n')
  child.stdout?.destroy()
  const { stderr } = await ended
  assert.equal(stderr, '')
})
