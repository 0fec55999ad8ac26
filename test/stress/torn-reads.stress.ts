// The same as test/store/torn-reads.test.ts, for longer: 10^8 reads, in several rounds with seeds of their own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tornReads } from '../support/torn-reads.js'

const READERS = 2
const ROUNDS = 10
const READS = 5_000_000

for (let round = 0; round < ROUNDS; round++) {
  test(`ten million reads, none wrong: round ${round}`, async (t) => {
    const seed = Number(process.env.TORN_SEED ?? Math.floor(Math.random() * 2 ** 31))
    const { puts, evictions, expirations, reports } = await tornReads(READERS, READS, seed)
    t.diagnostic(`seed ${seed}, ${puts} puts, ${evictions} evictions, ${expirations} expirations`)
    for (const { wrong, ...counts } of reports) {
      t.diagnostic(JSON.stringify(counts))
      assert.deepEqual(wrong, [], `TORN_SEED=${seed}`)
    }
  })
}
