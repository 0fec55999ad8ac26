// The same as test/lua/differential.test.ts, for longer. It goes on behind a difference and shows each kind of them once,
// up to MAX_KINDS; DIFFERENTIAL_SEED is the seed of the first script.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compareScripts,
  type Difference,
  describeDifference,
  hasPeer,
  kindOfDifference,
} from '../support/differential.js'
import { startEngine } from '../support/engine.js'

const BATCHES = 100
const SCRIPTS = 1000
const MAX_KINDS = 10

test(`${BATCHES * SCRIPTS} generated scripts give what lua5.4 gives`, async (t) => {
  assert.ok(hasPeer(), 'there is no lua5.4 here to compare with: install the package lua5.4')
  const engine = await startEngine(t, { limits: { evalScripts: 1 } })
  const first = Number(process.env.DIFFERENTIAL_SEED ?? Math.floor(Math.random() * 2 ** 31))
  const kinds = new Map<string, Difference[]>()
  let compared = 0
  for (let batch = 0; batch < BATCHES && kinds.size < MAX_KINDS; batch++) {
    for (const difference of await compareScripts(engine, first + compared, SCRIPTS)) {
      const kind = kindOfDifference(difference)
      kinds.set(kind, [...(kinds.get(kind) ?? []), difference])
    }
    compared += SCRIPTS
  }
  t.diagnostic(`seeds ${first} to ${first + compared - 1}`)
  const shown = [...kinds.values()]
    .slice(0, MAX_KINDS)
    .map((alike) => `${alike.length} of this kind:\n${alike.slice(0, 1).map(describeDifference).join('')}`)
  assert.equal(kinds.size, 0, `${kinds.size} kinds in ${compared} scripts\n\n${shown.join('\n\n')}`)
})
