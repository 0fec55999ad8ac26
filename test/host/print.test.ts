// Row T12 of docs/semantics.md, and the row `print`: printed lines on the host.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PrintInfo } from '../../src/index.js'
import { startEngine } from '../support/engine.js'
import { rejection } from '../support/rejection.js'

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

test('T12: a run may have a listener of its own, in the place of the engine’s', async (t) => {
  const [lines, own]: [Printed[], Printed[]] = [[], []]
  const engine = await startEngine(t, { onPrint: (line, info) => lines.push({ line, ...info }) })
  const script = await engine.load('function main(n) print(n) return n end', { name: 'x.lua' })
  const onPrint = (line: string, info: PrintInfo): unknown => own.push({ line, ...info })
  await Promise.all([script.run('a'), script.run('b', { onPrint, cachePrefix: 'p' }), script.run('c')])
  await script.call('main', ['d'], { onPrint })
  await engine.eval('print("e")', [], { onPrint, name: 'e.lua' })
  assert.deepEqual(lines.map(({ line }) => line).sort(), ['a', 'c'])
  assert.deepEqual(own, [
    { line: 'b', script: 'x.lua', cachePrefix: 'p', context: undefined },
    { line: 'd', script: 'x.lua', cachePrefix: undefined, context: undefined },
    { line: 'e', script: 'e.lua', cachePrefix: undefined, context: undefined },
  ])
})

test('T12: a run’s own listener that throws touches nothing, and the warning comes once', async (t) => {
  const warnings: string[] = []
  t.mock.method(process, 'emitWarning', (message: string) => warnings.push(message))
  const engine = await startEngine(t)
  const script = await engine.load('function main(n) print(n) return n end')
  const onPrint = (): never => {
    throw new Error('log is full')
  }
  const runs = Array.from({ length: 20 }, (_, n) => script.run(n, { onPrint }))
  assert.deepEqual(
    await Promise.all(runs),
    runs.map((_, n) => n),
  )
  await script.run(1, { onPrint: async () => onPrint() })
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(warnings, ['onPrint threw; later failures are not reported'])
  await script.run(1)
  assert.equal(warnings.length, 2, 'a line that nobody takes is another matter')
})

test('T12: nothing goes to stdout or stderr, with a listener or without', async (t) => {
  t.mock.method(process, 'emitWarning', () => {})
  const written: unknown[] = []
  const [out, err] = [process.stdout, process.stderr].map((stream) =>
    t.mock.method(stream, 'write', (text: unknown) => written.push(text)),
  )
  const engine = await startEngine(t)
  await engine.eval('print("secret")')
  await engine.eval('print("secret")', [], { onPrint: () => {} })
  out?.mock.restore()
  err?.mock.restore()
  assert.equal(written.filter((text) => String(text).includes('secret')).length, 0)
})

test('T14: context is handed to the listener as it is, and to nobody else', async (t) => {
  const contexts: unknown[] = []
  const engine = await startEngine(t, { onPrint: (_, { context }) => contexts.push(context) })
  const source = `
    local function names()
      local found = {}
      for name in pairs(_G) do found[#found + 1] = name end
      table.sort(found)
      return found
    end
    function main() print('x') return names() end`
  const script = await engine.load(source)
  const request = Object.assign(Object.create({ inherited: true }), { secret: () => 'not plain' }) as object
  const plain = await script.run()
  for (const context of [request, Symbol.for('x'), null, 0, '']) {
    assert.deepEqual(await script.run(undefined, { context }), plain)
    assert.equal(contexts.at(-1), context)
  }
  await script.call('main', [], { context: request })
  assert.equal(contexts.at(-1), request)
  await engine.eval('print(...)', [], { context: request })
  assert.equal(contexts.at(-1), request)
  await script.run()
  assert.equal(contexts.at(-1), undefined)
  await rejection(engine.eval('error("x")', [], { context: request }), 'MOONPOOL_LUA_ERROR')
})
