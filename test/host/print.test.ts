// Row T12 of docs/semantics.md, and the row `print`: printed lines on the host.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PrintInfo } from '../../src/index.js'
import { startEngine } from '../support/engine.js'

interface Printed extends PrintInfo {
  readonly line: string
}

test('T12: lines come in the order of their run, before its result', async (t) => {
  const lines: Printed[] = []
  const engine = await startEngine(t, { onPrint: (line, info) => lines.push({ line, ...info }) })
  const script = await engine.load(
    'print("loading") function main(n) print("a", n, nil, 1.5) print() print("b") end',
    {
      name: 'x.lua',
    },
  )
  assert.deepEqual(lines, [{ line: 'loading', script: 'x.lua', cachePrefix: undefined, context: undefined }])
  lines.length = 0
  await script.run(1, { cachePrefix: 'tenant_123' })
  const from = { script: 'x.lua', cachePrefix: 'tenant_123', context: undefined }
  assert.deepEqual(lines, [
    { line: 'a\t1\tnil\t1.5', ...from },
    { line: '', ...from },
    { line: 'b', ...from },
  ])
})

test('T12: no control character arrives, and no line end', async (t) => {
  const lines: string[] = []
  const engine = await startEngine(t, { onPrint: (line) => lines.push(line) })
  await engine.eval(
    'local all = {} for i = 0, 255 do all[#all + 1] = string.char(i) end print(table.concat(all))',
  )
  await engine.eval('print("one\\ntwo\\27[2Jthree\\r")')
  assert.equal(lines.length, 2)
  for (const line of lines) assert.doesNotMatch(line, /(?!\t)\p{Cc}/u)
})

test('print is bounded for each run, and says so', async (t) => {
  const lines: string[] = []
  const engine = await startEngine(t, { onPrint: (line) => lines.push(line) })
  const flood = 'for i = 1, 100000 do print(("x"):rep(100)) end'
  await engine.eval(flood, [], { timeoutMs: 20_000 })
  const first = lines.length
  const bytes = lines.reduce((sum, line) => sum + line.length, 0)
  assert.ok(bytes >= 60 * 1024 && bytes <= 66 * 1024, `${bytes} bytes`)
  assert.doesNotMatch(lines.at(-1) ?? '', /^x*$/)
  await engine.eval(flood, [], { timeoutMs: 20_000 })
  assert.equal(lines.length, 2 * first)
})

test('T12: a listener that throws touches neither its run nor the next', async (t) => {
  const warnings: string[] = []
  t.mock.method(process, 'emitWarning', (message: string) => warnings.push(message))
  const engine = await startEngine(t, {
    onPrint: () => {
      throw new Error('log is full')
    },
  })
  const script = await engine.load('function main(n) print(n) cache.put("n", n) print(n) return n end')
  const runs = Array.from({ length: 20 }, (_, n) => script.run(n))
  assert.deepEqual(
    await Promise.all(runs),
    runs.map((_, n) => n),
  )
  assert.equal(warnings.length, 1)
})

test('T12: without a listener lines are dropped, with one warning', async (t) => {
  const warnings: string[] = []
  t.mock.method(process, 'emitWarning', (message: string) => warnings.push(message))
  const engine = await startEngine(t)
  await engine.eval('print("secret") print("secret")')
  await engine.eval('print("secret")')
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /onPrint/)
})
