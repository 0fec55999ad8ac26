// A million runs of every kind mixed, in a quarter of an hour at most: what comes of each, and what stays behind.
//
//   SOAK_RUNS=50000 SOAK_SEED=7 npm run stress -- soak

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { plotOf } from '../support/soak/plot.js'
import { SoakProgress } from '../support/soak/progress.js'
import { slopeTable } from '../support/soak/slopes.js'
import { assertFlat, callTable, soak } from '../support/soak/soak.js'

const RUNS = Number(process.env.SOAK_RUNS ?? 1_000_000)
const SEED = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31))
const SAMPLES = 100

test(`soak: ${RUNS.toLocaleString('en')} runs of every kind leave nothing behind`, async (t) => {
  console.log(`SOAK_SEED=${SEED}`)
  const progress = new SoakProgress(RUNS)
  const onProgress = progress.update.bind(progress)
  const result = await soak(t, { runs: RUNS, samples: SAMPLES, seed: SEED, onProgress })
  progress.end()
  const folder = mkdtempSync(join(tmpdir(), 'moonpool-soak-'))
  writeFileSync(join(folder, 'soak.svg'), plotOf(result.samples))
  writeFileSync(join(folder, 'soak.json'), JSON.stringify({ seed: SEED, runs: RUNS, ...result }, null, 1))
  console.log(callTable(result.calls))
  console.log(slopeTable(result.slopes))
  console.log(`curves: ${join(folder, 'soak.svg')}`)
  assertFlat(result)
})
