// Row T11 of docs/semantics.md: how long a script holds its image.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

const SOURCE = 'function main(a) return a end function call() return 1 end'

test('T11: accepted runs finish, later ones reject; disposing twice is harmless', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const script = await engine.load(SOURCE, { name: 'x.lua' })
  const runs = Array.from({ length: 50 }, (_, index) => script.run(index))
  script.dispose()
  script.dispose()
  await rejection(script.run(1), 'MOONPOOL_CLOSED', /^script\.run: x\.lua was disposed: load it again$/)
  await rejection(script.call('call'), 'MOONPOOL_CLOSED', /^script\.call: x\.lua was disposed/)
  assert.deepEqual(
    await Promise.all(runs),
    runs.map((_, index) => index),
  )
  assert.equal(parts.images.size, 0)
  assert.equal(script.name, 'x.lua')
  assertNothingLeft(parts)
})

test('T11: scripts of equal source and name share an image until the last is disposed', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const [first, second] = await Promise.all([engine.load(SOURCE), engine.load(SOURCE)])
  const other = await engine.load(SOURCE, { name: 'other.lua' })
  assert.equal(parts.images.size, 2)
  first.dispose()
  first.dispose()
  assert.equal(await second.run(2), 2)
  const third = await engine.load(SOURCE)
  second.dispose()
  assert.equal(await third.run(3), 3)
  assert.equal(parts.images.size, 2)
  third.dispose()
  other.dispose()
  assert.equal(parts.images.size, 0)
  await rejection(second.run(), 'MOONPOOL_CLOSED')
})

test('T11: Symbol.dispose, and dispose after close', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  {
    using script = await engine.load(SOURCE)
    assert.equal(await script.run(1), 1)
  }
  assert.equal(parts.images.size, 0)
  const script = await engine.load(SOURCE)
  await engine.close()
  script.dispose()
  assert.equal(parts.images.size, 0)
})

test('T11: a deploy: load, swap, dispose', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, { threads: 2 })
  let current = await engine.load('function main() return 0 end')
  const seen: Promise<unknown>[] = []
  for (let version = 1; version <= 20; version++) {
    for (let n = 0; n < 20; n++) seen.push(current.run())
    const next = await engine.load(`function main() return ${version} end`)
    current.dispose()
    current = next
  }
  const expected = Array.from({ length: 400 }, (_, index) => Math.floor(index / 20))
  assert.deepEqual(await Promise.all(seen), expected)
  assert.equal(parts.images.size, 1)
})

test('T11: ten thousand scripts, one after the other, stay within imageBytes and leave nothing', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, { limits: { imageBytes: 2 ** 20 } })
  for (let group = 0; group < 2500; group++) {
    const sources = Array.from(
      { length: 4 },
      (_, n) => `local own = ${4 * group + n} function main() return own end`,
    )
    const scripts = await Promise.all(sources.map((source) => engine.load(source)))
    if (group % 100 === 0) assert.equal(await scripts[3]?.run(), 4 * group + 3)
    for (const script of scripts) script.dispose()
  }
  assert.equal(parts.images.size, 0)
  assertNothingLeft(parts)
})

test('T4: eval keeps the evalScripts sources used last compiled, and no more', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, { limits: { evalScripts: 3 } })
  const isKept = (source: string): boolean => {
    const digest = createHash('sha256').update(source).digest('hex')
    return parts.images.find(`chunk:${digest}:script-${digest.slice(0, 8)}`) !== undefined
  }
  for (let n = 0; n < 100; n++) {
    assert.equal(await engine.eval('return "hot"'), 'hot')
    assert.equal(await engine.eval(`return ${n}`), n)
    assert.ok(isKept('return "hot"'))
    assert.ok(parts.images.size <= 3)
  }
  assert.deepEqual(['return 97', 'return 98', 'return 99'].map(isKept), [false, true, true])
  assert.equal(parts.images.size, 3)
  assertNothingLeft(parts)
})

test('T4: chunks make way for scripts when imageBytes are used up', async (t) => {
  const { engine, parts } = await startInspectedEngine(t, { limits: { imageBytes: 2 ** 20 } })
  const large = `local text = "${'x'.repeat(60_000)}"`
  for (let n = 0; n < 50; n++) assert.equal(await engine.eval(`${large} return ${n}`), n)
  assert.ok(parts.images.size < 20)
  const scripts = await Promise.all(
    Array.from({ length: 5 }, (_, n) => engine.load(`${large} function main() return ${n}, text end`)),
  )
  assert.equal(await scripts[4]?.run(), 4)
  const chunks = parts.images.size - 5
  for (const script of scripts) script.dispose()
  assert.equal(parts.images.size, chunks)
})
