// moonpool run: what comes out where, and with which exit code.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, moonpool } from '../support/command-line.js'

test('run: the result of main on stdout, prints before it, nothing else', async (t) => {
  const cwd = folderWith(t, {
    'a.lua': 'print("load")\nfunction main(a) print("run", a.n) return { n = a.n + 1, text = "ä" } end',
  })
  assert.deepEqual(await moonpool(['run', 'a.lua', '--args', '{"n":1}'], { cwd }), {
    code: 0,
    stdout: "load\nrun\t1\n{ n: 2, text: 'ä' }\n",
    stderr: '',
  })
})

test('run --json: one object on stdout, prints on stderr', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main(a) print("run") return { a, nothing = nil } end' })
  const { code, stdout, stderr } = await moonpool(['run', 'a.lua', '--json', '--args', '[1,"x",null]'], {
    cwd,
  })
  assert.equal(code, 0)
  assert.equal(stderr, 'run\n')
  const { ms, ...output } = JSON.parse(stdout)
  assert.deepEqual(output, { ok: true, result: [[1, 'x']] })
  assert.ok(ms > 0 && ms < 60_000)
  assert.equal(stdout.split('\n').length, 2)
})

test('run: nil is undefined, and null in JSON', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main() end' })
  assert.equal((await moonpool(['run', 'a.lua'], { cwd })).stdout, 'undefined\n')
  assert.equal(JSON.parse((await moonpool(['run', 'a.lua', '--json'], { cwd })).stdout).result, null)
})

test('run: a file without main is a chunk, and gets the argument as ...', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'print("once")\nreturn { select("#", ...), ... }' })
  assert.deepEqual(await moonpool(['run', 'a.lua', '--args', '{"k":true}'], { cwd }), {
    code: 0,
    stdout: 'once\n[ 1, { k: true } ]\n',
    stderr: '',
  })
  assert.equal((await moonpool(['run', 'a.lua'], { cwd })).stdout, 'once\n[ 0 ]\n')
})

test('run: a file that uses the cache at its top level is a chunk, even with a main', async (t) => {
  const cwd = folderWith(t, {
    'a.lua': 'print("top")\ncache.put("k", 1)\nfunction main() end\nreturn cache.get("k")',
  })
  assert.deepEqual(await moonpool(['run', 'a.lua'], { cwd }), { code: 0, stdout: 'top\n1\n', stderr: '' })
})

test('run: prints of a load that fails by itself are shown, and it is not tried again', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'print("top")\nerror("no")' })
  const { code, stdout, stderr } = await moonpool(['run', 'a.lua'], { cwd })
  assert.equal(code, 1)
  assert.equal(stdout, 'top\n')
  assert.match(stderr, /^MOONPOOL_LUA_ERROR: a\.lua:2: no\n {4}2 \| error\("no"\)\n/)
})

test('run: an error names file and line, quotes the line and shows the way there', async (t) => {
  const cwd = folderWith(t, {
    'limiter.lua':
      'local function inner(n)\n  -- deep\n  error("boom " .. n)\nend\nfunction main(n)\n  inner(n)\nend',
  })
  const { code, stdout, stderr } = await moonpool(['run', 'limiter.lua', '--args', '7'], { cwd })
  assert.equal(code, 1)
  assert.equal(stdout, '')
  const lines = stderr.split('\n')
  assert.equal(lines[0], 'MOONPOOL_LUA_ERROR: limiter.lua:3: boom 7')
  assert.equal(lines[1], '    3 |   error("boom " .. n)')
  assert.equal(lines[2], 'stack traceback:')
  assert.ok(
    lines.some((line) => line.includes("limiter.lua:6: in function 'main'")),
    stderr,
  )
})

test('run: a chunk’s error names the file, too', async (t) => {
  const cwd = folderWith(t, { 'folder/chunk.lua': 'cache.put("k", 1)\nlocal t = nil\nreturn t.x' })
  const { code, stderr } = await moonpool(['run', 'folder/chunk.lua'], { cwd })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^MOONPOOL_LUA_ERROR: chunk\.lua:3: attempt to index a nil value.*\n {4}3 \| return t\.x\n/,
  )
})

test('run --json: errors are objects on stdout', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main()\n  print("before")\n  error({ code = 5 })\nend' })
  const { code, stdout, stderr } = await moonpool(['run', 'a.lua', '--json'], { cwd })
  assert.equal(code, 1)
  assert.equal(stderr, 'before\n')
  const { ok, error, ms } = JSON.parse(stdout)
  assert.deepEqual([ok, typeof ms], [false, 'number'])
  assert.deepEqual([error.code, error.line], ['MOONPOOL_LUA_ERROR', 3])
  assert.match(error.message, /^a\.lua:3: /)
  assert.match(error.traceback, /^stack traceback:\n/)
})

test('run: a syntax error', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'local x = 1\nlocal = 2\n' })
  const { code, stdout, stderr } = await moonpool(['run', 'a.lua'], { cwd })
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.equal(stderr, "MOONPOOL_LUA_SYNTAX: a.lua:2: <name> expected near '='\n    2 | local = 2\n")
})

test('run: a timeout names the option of the command line', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main() while true do end end' })
  const { code, stdout, stderr } = await moonpool(['run', 'a.lua', '--timeout', '100'], { cwd })
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(
    stderr,
    /^MOONPOOL_TIMEOUT: a\.lua:1: stopped after 100 ms: .* raise --timeout\n {4}1 \| function main/,
  )
})

test('run --prefix: the run’s own space', async (t) => {
  const cwd = folderWith(t, {
    'a.lua': 'function main() cache.put("k", (cache.get("k", 0)) + 1) return cache.get("k") end',
  })
  const { stdout } = await moonpool(['run', 'a.lua', '--prefix', 'tenant_123', '--repeat', '3', '--json'], {
    cwd,
  })
  assert.equal(JSON.parse(stdout).runs, 3)
  const wrong = await moonpool(['run', 'a.lua', '--prefix', ''], { cwd })
  assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
  assert.match(wrong.stderr, /--prefix.*must have 1 to 512 bytes/)
})

test('run --repeat: so many runs in all, and their figures', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main() print("run") return 5 end' })
  const { code, stdout, stderr } = await moonpool(['run', 'a.lua', '--repeat', '20', '--concurrency', '4'], {
    cwd,
  })
  assert.deepEqual([code, stderr], [0, ''])
  const lines = stdout.split('\n')
  assert.equal(lines.filter((line) => line === 'run').length, 20)
  assert.ok(lines.includes('5'))
  assert.ok(
    lines.some((line) => /^20 runs in .*s, 0 failed$/.test(line)),
    stdout,
  )
  assert.match(stdout, /^\d+ runs\/s, p50 [\d.]+ (?:µs|ms), p99 [\d.]+ (?:µs|ms)$/m)
  assert.match(stdout, /^ +to [\d.]+ (?:µs|ms) █+ +\d+$/m)
  assert.doesNotMatch(stdout, /(?!\n)\p{Cc}/u)
})

test('run --repeat: failures are counted by code, the first one is shown, exit code 1', async (t) => {
  const cwd = folderWith(t, {
    'a.lua':
      'function main()\n  local n = cache.get("n", 0) + 1\n  cache.put("n", n)\n  if n % 2 == 0 then error("even") end\nend',
  })
  const text = await moonpool(['run', 'a.lua', '--repeat', '10'], { cwd })
  assert.equal(text.code, 1)
  assert.match(text.stdout, /^10 runs in .*, 5 failed, 5 × MOONPOOL_LUA_ERROR$/m)
  assert.match(text.stderr, /^MOONPOOL_LUA_ERROR: a\.lua:4: even\n/)
  assert.equal(text.stderr.match(/MOONPOOL_LUA_ERROR/g)?.length, 1)
  const json = await moonpool(['run', 'a.lua', '--repeat', '10', '--json'], { cwd })
  assert.deepEqual([json.code, json.stderr], [1, ''])
  const output = JSON.parse(json.stdout)
  assert.equal(output.ok, false)
  assert.deepEqual([output.runs, output.failed, output.failures], [10, 5, { MOONPOOL_LUA_ERROR: 5 }])
  assert.equal(output.error.message, 'a.lua:4: even')
  assert.ok(output.runsPerSecond > 0 && output.p99Ms >= output.p50Ms && output.p50Ms > 0)
  assert.equal(
    output.histogram.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
    5,
  )
})

test('run: no control characters of a script reach a terminal', async (t) => {
  const cwd = folderWith(t, {
    'a.lua': 'function main() print("a\\27[31mb") error("c\\27]0;title\\7d\\u{202e}") end -- \x1b[2J',
    'b.lua': 'return { "\\27[31m", ["\\27k"] = "\\155" }',
  })
  const failed = await moonpool(['run', 'a.lua'], { cwd })
  assert.equal(failed.stdout, 'a\\x1b[31mb\n')
  assert.ok(failed.stderr.includes('a.lua:1: c\\x1b]0;title\\x07d\\u{202e}\n'), failed.stderr)
  assert.ok(failed.stderr.includes('-- \\x1b[2J'))
  const shown = await moonpool(['run', 'b.lua'], { cwd })
  assert.equal(shown.code, 0)
  for (const { stdout, stderr } of [failed, shown]) {
    for (const text of [stdout, stderr]) assert.doesNotMatch(text, /(?![\n\t])\p{Cc}/u)
  }
})

test('run: what JSON cannot hold is an error of --json only', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'return { list = { math.huge } }' })
  assert.equal((await moonpool(['run', 'a.lua'], { cwd })).stdout, '{ list: [ Infinity ] }\n')
  const { code, stdout } = await moonpool(['run', 'a.lua', '--json'], { cwd })
  assert.equal(code, 1)
  const { error } = JSON.parse(stdout)
  assert.equal(error.code, 'MOONPOOL_INVALID_VALUE')
  assert.match(error.message, /list/)
})

test('run: a result that cannot be shown is the script’s fault, and says so in the words of the command', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main() return print end', 'b.lua': 'return { n = 0 / 0 }' })
  const shown = await moonpool(['run', 'a.lua'], { cwd })
  assert.deepEqual([shown.code, shown.stdout], [1, ''])
  assert.match(shown.stderr, /^MOONPOOL_INVALID_VALUE: a\.lua: the result/)
  const { code, stdout } = await moonpool(['run', 'b.lua', '--json'], { cwd })
  assert.equal(code, 1)
  assert.match(JSON.parse(stdout).error.message, /^b\.lua: result\.n is NaN.* asked for with --json$/)
})
