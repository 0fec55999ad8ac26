// Every example of the document that the cache module comes from, by name: it runs, gives and prints what the document
// says, for two tenants at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seedCases, seedChunk } from '../examples/seed-cases.js'
import { checkExample, checkIsolation, PrintCollector, TENANTS } from '../examples/seed-check.js'
import { lua, startEngine, startTimedEngine } from './support/engine.js'
import { projectFiles } from './support/project.js'

test('every example file is a case here', () => {
  const files = projectFiles('examples/seed').map((path) => path.slice('examples/seed/'.length))
  assert.deepEqual(
    seedCases.map(({ file }) => file),
    files,
  )
})

for (const seedCase of seedCases) {
  test(`${seedCase.file} does what the document says`, async (t) => {
    const printed = new PrintCollector()
    const engine = await startEngine(t, { onPrint: printed.onPrint })
    const findings = await Promise.all(
      TENANTS.map((tenant) => checkExample(engine, printed, seedCase, tenant)),
    )
    for (const { value, prints } of findings) {
      assert.deepEqual(value, seedCase.expected)
      assert.deepEqual(prints, seedCase.prints)
    }
  })
}

test('two prefixes, one key: 150 and 300', async (t) => {
  const engine = await startEngine(t)
  const findings = await checkIsolation(engine)
  assert.deepEqual(
    findings.map(({ cachePrefix, value, asDocumented }) => [cachePrefix, value, asDocumented]),
    [
      ['tenant_123', 150, true],
      ['tenant_456', 300, true],
    ],
  )
})

test('the examples’ TTLs: 1.5 seconds, 30 seconds, 5 minutes, an hour', async (t) => {
  const { engine, passMs } = await startTimedEngine(t)
  const seedCase = seedCases.find(({ file }) => file === '03-put_ttl.lua')
  assert.ok(seedCase)
  await lua(engine, seedChunk(seedCase))
  const keys = ['very_short_cache', 'temp:calculation:xyz', 'api:users:list', 'session:abc123']
  const left = async (): Promise<number> => {
    const values = await Promise.all(keys.map((key) => engine.cache.withPrefix('tenant').get(key)))
    return values.filter((value) => value !== undefined).length
  }
  for (const [index, ttlMs] of [1_500, 30_000, 300_000, 3_600_000].entries()) {
    passMs(ttlMs - ([1_500, 30_000, 300_000, 3_600_000][index - 1] ?? 0))
    assert.equal(await left(), keys.length - 1 - index)
  }
})

test('an example’s error names its own line, not the preamble’s', async (t) => {
  const engine = await startEngine(t)
  const chunk = seedChunk({
    file: '04-prefix-tenant_123.lua',
    closing: 'error("here")',
    expected: 0,
    prints: [],
  })
  await assert.rejects(engine.eval(chunk), { code: 'MOONPOOL_LUA_ERROR', line: 4 })
})
