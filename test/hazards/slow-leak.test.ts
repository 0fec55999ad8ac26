// A little is left behind by each run that fails, is stopped, dies or is let go, until the process is full. (A million of
// them: stress/soak.stress.ts.)

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { plotOf } from '../support/soak/plot.js'
import { DECK_RUNS, SOAK_KINDS } from '../support/soak/schedule.js'
import { slopeOf, slopeTable } from '../support/soak/slopes.js'
import { assertFlat, soak } from '../support/soak/soak.js'

const RUNS: number = 3 * DECK_RUNS
const SAMPLES = 20

describe('slow-leak', () => {
  test(`${RUNS} runs of every kind: each gives what it must, and nothing rises`, async (t) => {
    const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31))
    t.diagnostic(`SOAK_SEED=${seed}`)
    const result = await soak(t, { runs: RUNS, samples: SAMPLES, seed })
    for (const line of slopeTable(result.slopes).split('\n')) t.diagnostic(line)
    for (const kind of SOAK_KINDS) assert.ok(result.calls.ended[kind] >= 3, kind)
    assertFlat(result)
    assert.match(plotOf(result.samples), /^<svg .*<path.*<\/svg>\n$/s)
  })

  test('a leak of one in a hundred runs would be seen', () => {
    const points = Array.from({ length: 10 }, (_, i) => [i * 300, 5 + Math.floor(i * 3)] as const)
    assert.equal(slopeOf(points) * 100_000, 1000)
    assert.equal(slopeOf(points.map(([runs]) => [runs, 7] as const)), 0)
  })
})
