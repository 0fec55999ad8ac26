// The same as test/lua/differential.test.ts, for longer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareScripts, describeDifference, hasPeer } from '../support/differential.js'
import { startEngine } from '../support/engine.js'

const BATCHES = 100
const SCRIPTS = 1000

test(`${BATCHES * SCRIPTS} generated scripts give what lua5.4 gives`, async (t) => {
  assert.ok(hasPeer(), 'there is no lua5.4 here to compare with: install the package lua5.4')
  const engine = await startEngine(t, { limits: { evalScripts: 1 } })
  const first = Number(process.env.DIFFERENTIAL_SEED ?? Math.floor(Math.random() * 2 ** 31))
  for (let batch = 0; batch < BATCHES; batch++) {
    const differences = await compareScripts(engine, first + batch * SCRIPTS, SCRIPTS)
    assert.equal(differences.length, 0, differences.slice(0, 3).map(describeDifference).join('\n\n'))
  }
  t.diagnostic(`seeds ${first} to ${first + BATCHES * SCRIPTS - 1}`)
})
