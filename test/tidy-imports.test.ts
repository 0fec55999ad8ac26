// Who may import whom. The rooms and their doors:
//
//   cli ─▶ index ─▶ engine ─▶ dispatch · store · modules · remote ─▶ shared ─▶ leaves
//                             dispatch · remote ─▶ store
//   workers ─▶ src/shared · leaves          src never imports workers: it names the entry by URL
//   nothing imports bench or test; those and examples import what they like
//
// A file belongs to the first room whose pattern it matches: what stands right in src/ beside the leaves and index.ts
// is the room `engine`, which wires the others.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allImports, type SourceImport, typescriptFiles } from './support/source-imports.js'

interface Room {
  readonly name: string
  readonly files: RegExp
  readonly mayImport: readonly string[]
}

const ROOMS: readonly Room[] = [
  { name: 'leaves', files: /^src\/(?:limits|errors|clock)\.ts$/, mayImport: [] },
  { name: 'shared', files: /^src\/shared\//, mayImport: ['leaves'] },
  { name: 'store', files: /^src\/store\//, mayImport: ['shared', 'leaves'] },
  { name: 'dispatch', files: /^src\/dispatch\//, mayImport: ['store', 'shared', 'leaves'] },
  { name: 'modules', files: /^src\/modules\//, mayImport: ['shared', 'leaves'] },
  { name: 'remote', files: /^src\/remote\//, mayImport: ['store', 'shared', 'leaves'] },
  { name: 'cli', files: /^src\/cli\//, mayImport: ['index', 'leaves'] },
  { name: 'index', files: /^src\/index\.ts$/, mayImport: ['engine', 'shared', 'leaves'] },
  {
    name: 'engine',
    files: /^src\/[a-z-]+\.ts$/,
    mayImport: ['dispatch', 'store', 'modules', 'remote', 'shared', 'leaves'],
  },
  { name: 'workers', files: /^workers\//, mayImport: ['shared', 'leaves'] },
  {
    name: 'examples',
    files: /^examples\//,
    mayImport: ['index'],
  },
  {
    name: 'bench and test',
    files: /^(?:bench|test)\//,
    mayImport: [
      'leaves',
      'shared',
      'store',
      'dispatch',
      'modules',
      'remote',
      'cli',
      'index',
      'engine',
      'workers',
      'examples',
    ],
  },
]

/** Each of these packages is known to one file a side; to replace it, open that file. */
const GATES: Readonly<Record<string, RegExp>> = {
  piscina: /^src\/dispatch\/pool\.ts$/,
  comlink: /^(?:src\/dispatch|workers)\/control\.ts$/,
  wasmoon: /^workers\/vm\/wasm\.ts$/,
  valibot: /^src\/options\.ts$/,
  commander: /^src\/cli\/program\.ts$/,
  'cli-progress': /^(?:src\/cli\/progress-bar|examples\/.*)\.ts$/,
  'cli-table3': /^(?:src\/cli\/table|examples\/.*)\.ts$/,
  '@observablehq': /^src\/cli\/plots\.ts$/,
  linkedom: /^src\/cli\/plots\.ts$/,
}

const ROOTS = ['src/index.ts', 'src/cli/main.ts', 'workers/worker.ts', 'workers/watchdog.ts']

function roomOf(file: string): Room | undefined {
  return ROOMS.find((room) => room.files.test(file))
}

function assertNone(offences: readonly string[], fix: string): void {
  assert.ok(offences.length === 0, `\n  ${offences.join('\n  ')}\nTo mend: ${fix}`)
}

const show = ({ from, to }: SourceImport): string => `${from} imports ${to}`

const isProduct = (file: string): boolean => /^(?:src|workers)\//.test(file)

test('every file stands in a room', () => {
  assertNone(
    typescriptFiles.filter((file) => roomOf(file) === undefined),
    'move the file into a room, or add the room and its doors to ROOMS in this test',
  )
})

test('imports point to files that exist', () => {
  const files = new Set(typescriptFiles)
  assertNone(
    allImports.filter(({ to, isOurs }) => isOurs && !files.has(to)).map(show),
    'mend the specifier; relative ones end in .js',
  )
})

test('rooms import only what they may', () => {
  const offences = allImports.filter(({ from, to, isOurs, isUrl }) => {
    if (!isOurs || isUrl) return false
    const [source, destination] = [roomOf(from), roomOf(to)]
    return source !== destination && !source?.mayImport.includes(destination?.name ?? '')
  })
  assertNone(
    offences.map((edge) => `${show(edge)} (${roomOf(edge.from)?.name} ─▶ ${roomOf(edge.to)?.name})`),
    'pass the value in from the file that wires both rooms, or move what they share into src/shared',
  )
})

test('a package behind a gate is imported by its gate only', () => {
  const isProductOrExample = (file: string): boolean => isProduct(file) || file.startsWith('examples/')
  assertNone(
    allImports
      .filter(({ from, to, isOurs }) => {
        const gate = GATES[to.split('/')[0] ?? '']
        return !isOurs && gate !== undefined && isProductOrExample(from) && !gate.test(from)
      })
      .map(show),
    `use the gate's own functions; the gates are in GATES in this test`,
  )
})

test('no files import each other in a ring', () => {
  const edges = new Map<string, string[]>()
  for (const { from, to, isOurs, isType, isUrl } of allImports) {
    if (isOurs && !isType && !isUrl) edges.set(from, [...(edges.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const rings: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      rings.push([...path.slice(path.indexOf(file)), file].join(' ─▶ '))
      return
    }
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  assertNone(rings, 'move what both need into a third file, or make the import a type')
})

test('no file is dead', () => {
  const reached = new Set<string>()
  const pending = ROOTS.filter((root) => typescriptFiles.includes(root))
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    for (const { from, to, isOurs } of allImports) if (from === file && isOurs) pending.push(to)
  }
  assertNone(
    typescriptFiles.filter((file) => isProduct(file) && !file.endsWith('.d.ts') && !reached.has(file)),
    `import the file from where it belongs (reached are ${ROOTS.join(' and ')}), or delete it`,
  )
})
