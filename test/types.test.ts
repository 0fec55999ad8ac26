// The public types as a consumer's compiler sees them: they need no dependency's types, no Node types and no
// skipLibCheck, and they accept what the documents show.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CONSUMER } from './support/consumer-source.js'
import { projectRoot } from './support/project.js'

const entry = fileURLToPath(new URL('../src/index.d.ts', import.meta.url))
const compiler = join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc')

/** Compiles a module that imports from MOONPOOL; gives what the compiler complains about. */
function compile(t: TestContext, source: string, options: Record<string, unknown> = {}): Promise<string> {
  // Beside the compiled package, not in the system's temporary folder: @types are looked for in folders above.
  const folder = mkdtempSync(join(dirname(dirname(entry)), 'consumer-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const specifier = relative(folder, entry)
    .replaceAll('\\', '/')
    .replace(/\.d\.ts$/, '.js')
  writeFileSync(join(folder, 'consumer.ts'), source.replaceAll('MOONPOOL', `'${specifier}'`))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    target: 'ES2023',
    lib: ['ES2023'],
    types: [],
    module: 'NodeNext',
    noEmit: true,
    ...options,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], (error, stdout) => {
      resolve(error === null ? '' : stdout || String(error))
    })
  })
}

test('a consumer with nothing but the language compiles', async (t) => {
  assert.equal(await compile(t, CONSUMER), '')
})

test('a consumer with Node types and the DOM compiles', async (t) => {
  const options = {
    lib: ['ES2023', 'DOM'],
    types: ['node'],
    typeRoots: [join(projectRoot, 'node_modules', '@types')],
  }
  assert.equal(await compile(t, CONSUMER, options), '')
  const platforms = `import type { RunOptions } from MOONPOOL
    export const options: RunOptions = { signal: AbortSignal.any([AbortSignal.timeout(5), new AbortController().signal]) }`
  assert.equal(await compile(t, platforms, options), '')
  assert.equal(await compile(t, platforms, { ...options, lib: ['ES2023'] }), '')
})

test('await using works', async (t) => {
  const source = `import { createEngine } from MOONPOOL
    await using engine = await createEngine()
    await engine.eval('return 1')`
  assert.equal(await compile(t, source), '')
})

test('what is wrong does not compile', async (t) => {
  const wrong = [
    `await createEngine({ treads: 2 })`,
    `await createEngine({ cache: { maxEntires: 2 } })`,
    `await createEngine({ threads: '2' })`,
    `await engine.load(5)`,
    `await engine.load('', { nane: 'x' })`,
    `await script.run(1, { cachePrefix: undefined })`,
    `await script.run(1, { cachePrefix: null })`,
    `await script.run(1, { cache_prefix: 'a' })`,
    `await script.run(1, { result: 'lua' })`,
    `await script.run(1, { signal: {} })`,
    `await engine.cache.withPrefix('a').put('k', 1, { cachePrefix: 'b' })`,
    `await engine.cache.withPrefix('a').get('k', { cachePrefix: 'b' })`,
    `await script.call('f', 1)`,
    `await script.call(['f'])`,
    `await script.run(Symbol('x'))`,
    `script.name = 'other'`,
    `engine.cache.withPrefix()`,
    `engine.cache.withPrefix('a').withPrefix('b')`,
    `await engine.cache.get(1)`,
    `await engine.cache.put('k', 1, { ttl: 5 })`,
    `engine.stats().running++`,
  ]
  const head = `import { createEngine } from MOONPOOL
    const engine = await createEngine()
    const script = await engine.load('')\n`
  const complaints = await compile(t, head + wrong.join('\n'))
  const lines = [...complaints.matchAll(/^consumer\.ts\((\d+),|[/\\\\]consumer\.ts\((\d+),/gm)]
  const found = new Set(lines.map(([, bare, nested]) => Number(bare ?? nested) - 4))
  assert.deepEqual(
    wrong.filter((_, index) => !found.has(index)),
    [],
    complaints,
  )
})

test('the public declarations name no package, not even through what they import', () => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?['"]([^'"]+)['"]/g)) {
      assert.match(
        specifier,
        /^\.\.?\//,
        `${relative(projectRoot, file)} shows a consumer the types of ${specifier}`,
      )
      visit(join(dirname(file), specifier.replace(/\.js$/, '.d.ts')))
    }
    assert.doesNotMatch(text, /reference types=/, relative(projectRoot, file))
  }
  visit(entry)
  assert.ok(seen.size > 3)
})
