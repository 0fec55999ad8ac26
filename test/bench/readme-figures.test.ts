// The README's figures are those of the results files that it names.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFigures, formatNodes, replacePart } from '../../bench/readme-figures.js'
import type { BenchResults } from '../../bench/results.js'
import { readProjectFile } from '../support/project.js'

const readme = readProjectFile('README.md')

for (const kind of ['figures', 'nodes'] as const) {
  test(`the README agrees with the results that it names: ${kind}`, (t) => {
    const [, names] = readme.match(new RegExp(`<!-- ${kind}: (.+?) -->`)) ?? []
    if (names === undefined) {
      t.skip(`README.md names no results for its ${kind}`)
      return
    }
    const files = names.split(' ')
    const all = files.map((file) => JSON.parse(readProjectFile(`bench/results/${file}`)) as BenchResults)
    const text = kind === 'nodes' ? formatNodes(all) : formatFigures(all[0] as BenchResults)
    assert.equal(
      replacePart(readme, kind, files, text),
      readme,
      `node dist/bench/readme-figures.js ${kind === 'nodes' ? '--nodes ' : ''}… writes it anew`,
    )
  })
}

const results = (node: string, rate: number): BenchResults => ({
  date: '2026-01-02T03:04:05.678Z',
  commit: undefined,
  machine: { cpu: 'a CPU', cores: 2, memoryBytes: 1, kernel: 'Linux', node, loadAverage: 0 },
  plan: { warmUpMs: 1, runUpMs: 0, sampleMs: 1, samples: 1, slowSamples: 1 },
  yardstickPerSecond: 7_000_000,
  questions: [
    {
      file: 'hot-get',
      text: 'How many?',
      cases: ['moonpool', 'Redis'].map((contender, index) => ({
        name: contender,
        contender,
        work: 'hot get of a string',
        samples: [],
        figures: { perSecond: { median: rate / (index + 1), low: 1, high: 1, count: 1 } },
      })),
      comparisons: [],
      goals: [],
    },
  ],
})

test('figures are rounded, and stand where the README keeps them', () => {
  const text = formatFigures(results('v20.1.0', 6_543_210))
  assert.match(text, /on 2026-01-02: a CPU, 2 cores, Node v20\.1\.0; .*\n.* reads 7\.0 million/)
  assert.match(
    text,
    /\| `cache\.get` of a short string inside a script \| 6,500,000\/s \| {2}\| {2}\| 3,300,000\/s \| {2}\|/,
  )
  assert.match(
    formatNodes([results('v20.1.0', 1e6), results('v22.2.0', 2e6)]),
    /side by side on a CPU:\n\n\| question \| Node 20\.1\.0 \| Node 22\.2\.0 \|[\s\S]*\| 1,000,000\/s \| 2,000,000\/s \|/,
  )
  const before = 'a\n<!-- figures: old.json -->\nold\n<!-- /figures -->\nb'
  assert.equal(
    replacePart(before, 'figures', ['new.json'], 'new'),
    'a\n<!-- figures: new.json -->\nnew\n<!-- /figures -->\nb',
  )
  assert.throws(() => replacePart('a', 'nodes', [], ''), /README\.md has no <!-- nodes/)
})
