// moonpool load: arrivals, figures, the report, and what can go wrong with it.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderWith, moonpool, start } from '../support/command-line.js'

const COUNTER = `function main(step)
  local n = cache.get("n", 0)
  cache.put("n", n + (step or 1))
  print("not to be seen")
  return n
end`

/** A second of tests that do not need one. */
const SHORT = ['--rate', '200', '--duration', '0.5']

test('load: what was asked for, what came of it', async (t) => {
  const cwd = folderWith(t, { 'a.lua': COUNTER })
  const { code, stdout, stderr } = await moonpool(['load', 'a.lua', ...SHORT, '--prefixes', '3'], { cwd })
  assert.deepEqual([code, stderr], [0, ''])
  const lines = stdout.split('\n')
  assert.deepEqual(lines.slice(0, 5), [
    'a.lua',
    'asked for       200 runs/s for 0.5 s, evenly spaced (open loop)',
    'prefixes        3',
    lines[3],
    'arrived         100',
  ])
  assert.match(lines[3] ?? '', /^worker threads {2}\d+$/)
  assert.match(lines[5] ?? '', /^completed {7}100, \d+\/s$/)
  assert.equal(lines[6], 'failed          0')
  // The first run, which shows what the file is, has left tenant_1's entry: two prefixes are left to miss.
  assert.equal(lines[7], 'cache hit rate  98.0 % of 100 reads')
  for (const row of [
    'latency, from when a run was due',
    'from when it was begun',
    'begun late by',
    'event-loop delay',
  ]) {
    assert.match(stdout, new RegExp(`^│ ${row} +│(?: +[\\d.]+ (?:µs|ms|s) │){5}$`, 'm'))
  }
  assert.doesNotMatch(stdout, /not to be seen/)
})

test('load --json: one object', async (t) => {
  const cwd = folderWith(t, { 'a.lua': COUNTER })
  const words = ['load', 'a.lua', ...SHORT, '--args', '2', '--threads', '1', '--json']
  const { code, stdout, stderr } = await moonpool(words, { cwd })
  assert.deepEqual([code, stderr], [0, ''])
  const output = JSON.parse(stdout)
  const { ok, file, rate, duration, prefixes, threads, arrivals, completed, failed, unfinished, failures } =
    output
  assert.deepEqual(
    { ok, file, rate, duration, prefixes, threads, arrivals, completed, failed, unfinished, failures },
    {
      ok: true,
      file: 'a.lua',
      rate: 200,
      duration: 0.5,
      prefixes: 1,
      threads: 1,
      arrivals: 100,
      completed: 100,
      failed: 0,
      unfinished: 0,
      failures: {},
    },
  )
  assert.deepEqual([output.hits, output.misses, output.hitRate], [100, 0, 1])
  for (const name of ['latency', 'service', 'lateness', 'eventLoopDelay']) {
    const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = output[name]
    assert.ok(
      0 <= p50Ms && p50Ms <= p90Ms && p90Ms <= p99Ms && p99Ms <= p999Ms && p999Ms <= maxMs * 1.01,
      name,
    )
  }
  assert.ok(output.latency.p50Ms > 0)
  const arrived = output.slices.map(
    (slice: { arrivalsPerSecond: number; atSeconds: number }, index: number) =>
      slice.arrivalsPerSecond * (slice.atSeconds - (output.slices[index - 1]?.atSeconds ?? 0)),
  )
  assert.equal(Math.round(arrived.reduce((sum: number, count: number) => sum + count, 0)), 100)
})

test('load: runs that wait are measured from when they were due', async (t) => {
  const cwd = folderWith(t, {
    'a.lua': 'function main() local t = os.clock() repeat until os.clock() - t >= 0.02 end',
  })
  const words = ['load', 'a.lua', '--rate', '100', '--duration', '0.3', '--threads', '1', '--json']
  const { code, stdout } = await moonpool(words, { cwd })
  assert.equal(code, 0)
  const { completed, latency } = JSON.parse(stdout)
  assert.equal(completed, 30)
  // The last one was due at 290 ms and cannot have ended before all 30 had had their 20 ms.
  assert.ok(latency.maxMs >= 300, `${latency.maxMs} ms`)
})

test('load: failed runs are counted by code, exit code 1', async (t) => {
  const cwd = folderWith(t, {
    'a.lua':
      'function main() local n = cache.get("n", 0) cache.put("n", n + 1) if n % 2 == 1 then error("odd") end end',
  })
  const { code, stdout, stderr } = await moonpool(['load', 'a.lua', ...SHORT, '--threads', '1'], { cwd })
  assert.deepEqual([code, stderr], [1, ''])
  assert.match(stdout, /^completed {7}50, /m)
  assert.match(stdout, /^failed {10}50 × MOONPOOL_LUA_ERROR$/m)
})

test('load: a file that does not run at all is not measured', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'function main()\n  error("no")\nend', 'b.lua': 'return (' })
  const failed = await moonpool(['load', 'a.lua', ...SHORT], { cwd })
  assert.deepEqual([failed.code, failed.stdout], [1, ''])
  assert.match(failed.stderr, /^MOONPOOL_LUA_ERROR: a\.lua:2: no\n {4}2 \| {3}error\("no"\)\n/)
  const json = await moonpool(['load', 'b.lua', ...SHORT, '--json'], { cwd })
  assert.deepEqual([json.code, json.stderr], [1, ''])
  const { ok, error } = JSON.parse(json.stdout)
  assert.deepEqual([ok, error.code, error.line], [false, 'MOONPOOL_LUA_SYNTAX', 1])
})

test('load: a chunk is as good as a script', async (t) => {
  const cwd = folderWith(t, { 'a.lua': 'cache.put("n", ...)\nreturn cache.get("n")' })
  const { code, stdout } = await moonpool(['load', 'a.lua', ...SHORT, '--args', '{"a":1}', '--json'], { cwd })
  assert.equal(code, 0)
  const { completed, hits } = JSON.parse(stdout)
  assert.deepEqual([completed, hits], [100, 100])
})

test('load: SIGINT stops it early and shows what it has', async (t) => {
  const cwd = folderWith(t, { 'a.lua': COUNTER })
  const { child, said, ended } = start(['load', 'a.lua', '--duration', '86400', '--rate', '500'], { cwd })
  await said('asked for')
  child.kill('SIGINT')
  const { code, stdout, stderr } = await ended
  assert.deepEqual([code, stderr], [130, 'interrupted\n'])
  assert.match(stdout, /^arrived {9}[\d,]+\ncompleted {7}[\d,]+, /m)
  assert.match(stdout, /^│ event-loop delay /m)
})

test('load --report: one file that needs nothing else, right in light and dark', async (t) => {
  const cwd = folderWith(t, { 'a <b>.lua': COUNTER })
  const { code, stderr } = await moonpool(['load', 'a <b>.lua', ...SHORT, '--report', 'out.html'], { cwd })
  assert.deepEqual([code, stderr], [0, ''])
  const page = readFileSync(join(cwd, 'out.html'), 'utf8')
  assert.match(page, /^<!doctype html>\n<html lang="en">/)
  assert.match(page, /<h1>a &lt;b&gt;\.lua<\/h1>/)
  assert.doesNotMatch(page, /<b>|<script|https?:|src=|@import|url\(|NaN|undefined|Infinity/)
  assert.match(page, /default-src 'none'; style-src 'unsafe-inline'/)
  assert.match(page, /color-scheme: light dark/)
  assert.match(page, /prefers-color-scheme: dark/)
  const titles = [...page.matchAll(/<figcaption>([^<]+)</g)].map(([, title]) => title)
  assert.deepEqual(titles, [
    'Latency percentiles',
    'Latency over time',
    'Rate over time',
    'Event-loop delay over time',
  ])
  assert.equal(page.match(/<svg /g)?.length, 4)
  assert.equal(page.match(/<svg [^>]*role="img"/g)?.length, 4)
  // Two lines and three, three, two of them in the pictures; colours by name only.
  assert.equal(page.match(/stroke="var\(--s[123]\)"/g)?.length, 10)
  assert.match(page, /<th scope="row">arrived<\/th><td>100<\/td>/)
})

test('load --report: where it cannot be written shows before the test', async (t) => {
  const cwd = folderWith(t, { 'a.lua': COUNTER })
  const { code, stdout, stderr } = await moonpool(['load', 'a.lua', '--report', 'none/out.html'], { cwd })
  assert.deepEqual([code, stdout], [2, ''])
  assert.equal(stderr, 'moonpool: cannot write none/out.html: no such file or folder\n')
})

/** As if these packages had never been installed. */
const WITHOUT_PACKAGES = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module'
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function resolve(specifier, context, next) {
      if (/^(?:@observablehq|linkedom)/.test(specifier)) {
        throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
      }
      return next(specifier, context)
    }\`))`)}`

test('load --report: says which packages are missing; without it they are not needed', async (t) => {
  const cwd = folderWith(t, { 'a.lua': COUNTER })
  // Node 26 warns of the call by which the packages are hidden.
  const node = ['--no-deprecation', '--import', WITHOUT_PACKAGES]
  const missing = await moonpool(['load', 'a.lua', ...SHORT, '--report', 'out.html'], { cwd, node })
  assert.deepEqual([missing.code, missing.stdout], [2, ''])
  assert.match(
    missing.stderr,
    /^moonpool: --report draws with packages .*npm install @observablehq\/plot\S* linkedom/,
  )
  assert.equal((await moonpool(['load', 'a.lua', ...SHORT], { cwd, node })).code, 0)
})
