// What npm would publish, installed into an empty project: from ESM, CommonJS and TypeScript, and what publint and attw
// say of it. The dependencies are this checkout's own, so that no registry is asked.

import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { CONSUMER } from '../support/consumer-source.js'
import { localLinks } from '../support/markdown.js'
import { projectRoot, readProjectFile } from '../support/project.js'
import { shell } from '../support/shell.js'
import { unpackTarball } from '../support/tarball.js'

interface Manifest {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly bin: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Manifest
const modules = realpathSync(join(projectRoot, 'node_modules'))
const project = mkdtempSync(join(tmpdir(), 'moonpool-consumer-'))
const installed = join(project, 'node_modules', 'moonpool')
const tarball = join(project, `moonpool-${manifest.version}.tgz`)
let files: string[] = []

before(async () => {
  await shell('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], projectRoot)
  files = unpackTarball(readFileSync(tarball), installed)
  for (const name of Object.keys(manifest.dependencies)) {
    const place = join(project, 'node_modules', name)
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(join(modules, name), place, 'dir')
  }
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
})

after(() => rmSync(project, { recursive: true }))

const USE = `
  const engine = await createEngine({ threads: 1 })
  const script = await engine.load('function main(n) cache.put("n", n) return { twice = 2 * n } end')
  const result = await script.run(21, { cachePrefix: 'a', result: 'json' })
  console.log(JSON.stringify(result), await engine.cache.withPrefix('a').get('n'))
  await engine.close()
`
const SAID = '{"twice":42} 21\n'

async function runFile(name: string, source: string): Promise<string> {
  writeFileSync(join(project, name), source)
  return shell('node', [name], project)
}

/** Compiles files of the project, with nothing but the language around. */
async function compile(sources: Readonly<Record<string, string>>, outDir: string): Promise<void> {
  for (const [name, source] of Object.entries(sources)) writeFileSync(join(project, name), source)
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'ES2023',
    lib: ['ES2023'],
    types: [],
    module: 'NodeNext',
    outDir,
  }
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: Object.keys(sources) }),
  )
  await shell('node', [join(modules, 'typescript', 'bin', 'tsc'), '-p', '.', '--pretty', 'false'], project)
}

test('the tarball holds what runs, its sources and its documents, and nothing else', () => {
  const folders = new Set(
    files.map((file) => (file.includes('/') ? file.split('/').slice(0, -1).join('/') : '')),
  )
  for (const folder of folders)
    assert.match(folder, /^$|^(?:dist\/)?(?:src|workers)(?:\/|$)|^(?:docs|examples)$/)
  const must = [
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'docs/semantics.md',
    'dist/src/index.js',
    'dist/src/index.d.ts',
    'dist/workers/worker.js',
    'dist/workers/entry.cjs',
    'dist/workers/view-finder.wasm',
    'dist/workers/vm/native.wasm',
    'dist/workers/vm/prelude.lua',
    ...Object.values(manifest.bin).map((path) => path.replace(/^\.\//, '')),
  ]
  assert.deepEqual(
    must.filter((file) => !files.includes(file)),
    [],
  )
})

test('what the README links to comes along', () => {
  const linked = localLinks(readProjectFile('README.md')).map((link) => link.replace(/#.*$/, ''))
  for (const file of linked.filter((path) => path !== '')) assert.ok(files.includes(file), file)
})

test('from ESM', async () => {
  assert.equal(await runFile('use.mjs', `import { createEngine } from 'moonpool'\n${USE}`), SAID)
})

test('from CommonJS, by require', async () => {
  const source = `const { createEngine } = require('moonpool')\n;(async () => {${USE}})()`
  assert.equal(await runFile('use.cjs', source), SAID)
})

test('from TypeScript, as a module of either kind', async () => {
  const console = 'declare const console: { log(...values: unknown[]): void }\n'
  await compile(
    {
      'typed.mts': `import { createEngine } from 'moonpool'\n${console}${USE}`,
      'typed.cts': `import { createEngine } from 'moonpool'\n${console};(async () => {${USE}})()`,
    },
    'typed',
  )
  assert.equal(await shell('node', ['typed/typed.mjs'], project), SAID)
  assert.equal(await shell('node', ['typed/typed.cjs'], project), SAID)
})

test('a consumer of the whole surface compiles against the tarball', async () => {
  await compile({ 'whole.mts': CONSUMER.replaceAll('MOONPOOL', `'moonpool'`) }, 'whole')
})

test('the declarations lead to sources that are there', () => {
  const maps = files.filter((file) => file.endsWith('.map'))
  assert.ok(maps.length > 0)
  for (const map of maps) {
    const { sources } = JSON.parse(readFileSync(join(installed, map), 'utf8')) as {
      sources: readonly string[]
    }
    for (const source of sources) {
      assert.ok(files.includes(join(dirname(map), source).replaceAll('\\', '/')), `${map} names ${source}`)
    }
  }
})

test('publint has nothing to say', async () => {
  const said = await shell(
    'node',
    [join(modules, 'publint', 'src', 'cli.js'), 'run', tarball, '--strict'],
    project,
  )
  assert.match(said, /All good!/)
})

test('attw finds the types from ESM and bundlers', async () => {
  const args = [join(modules, '@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only']
  const said = await shell('node', args, project)
  assert.doesNotMatch(said, /^(?!.*ignored).*(?:💀|❌|🎭|⚠️)/mu)
})
