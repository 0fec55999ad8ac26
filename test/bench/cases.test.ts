// Every case file keeps the frame's promises. Nothing is opened here.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import type { Question } from '../../bench/case.js'
import { CONTENDER_NAMES } from '../../bench/contenders.js'
import { readElsewhere } from '../../bench/elsewhere.js'
import { ORDER } from '../../bench/order.js'
import { readBenchFile } from '../../bench/works.js'

const folder = new URL('../../bench/cases/', import.meta.url)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.js'))
  .map((file) => basename(file, '.js'))

const questions: readonly (readonly [string, Question])[] = await Promise.all(
  names.map(async (name) => {
    const { question } = (await import(new URL(`${name}.js`, folder).href)) as { question: Question }
    return [name, question] as const
  }),
)

test('every file asks its question on its first line, and has its place in the order', () => {
  for (const [name, { text }] of questions) {
    assert.equal(readBenchFile(`cases/${name}.ts`).split('\n')[0], `// ${text}`, name)
    assert.match(text, /\?$/, name)
  }
  assert.deepEqual([...ORDER].sort(), [...names].sort(), 'mend bench/order.ts')
})

test('cases have names of their own, and ratios name cases that exist', () => {
  for (const [file, { cases, comparisons }] of questions) {
    const known = cases.map(({ name }) => name)
    assert.equal(new Set(known).size, known.length, `${file}: two cases of one name`)
    for (const { subject, peer } of comparisons) {
      assert.ok(known.includes(subject), `${file} has no case '${subject}'`)
      assert.ok(known.includes(peer), `${file} has no case '${peer}'`)
    }
  }
})

test('every contender takes part somewhere', () => {
  const seen = new Set(questions.flatMap(([, { cases }]) => cases.map(({ contender }) => contender)))
  for (const name of CONTENDER_NAMES) assert.ok(seen.has(name), name)
})

test('figures that were read elsewhere stand beside a work that is measured here', () => {
  const known = new Map(questions)
  const { figures } = JSON.parse(readBenchFile('peers/cachex.json')) as { figures: { file: string }[] }
  for (const { file } of figures) {
    const shown = readElsewhere(file, known.get(file)?.cases ?? [])
    assert.deepEqual(
      shown.map(({ contender, note }) => [contender, /^measured elsewhere: /.test(note)]),
      [['Cachex + Luerl', true]],
      file,
    )
  }
})
