// Generated scripts give the same here as in the lua5.4 of the system. Repeat a failure with DIFFERENTIAL_SEED; the long
// form is test/stress/differential.stress.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareScripts, describeDifference, hasPeer } from '../support/differential.js'
import { startEngine } from '../support/engine.js'

const SCRIPTS = 400

test(`${SCRIPTS} generated scripts: output, results and errors are those of lua5.4`, async (t) => {
  if (!hasPeer()) {
    t.diagnostic('there is no lua5.4 here to compare with: install the package lua5.4')
    return
  }
  const engine = await startEngine(t, { limits: { evalScripts: 1 } })
  const given = process.env.DIFFERENTIAL_SEED
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
  t.diagnostic(`DIFFERENTIAL_SEED=${seed}`)
  const differences = await compareScripts(engine, seed, given === undefined ? SCRIPTS : 1)
  assert.equal(differences.length, 0, differences.slice(0, 3).map(describeDifference).join('\n\n'))
})
