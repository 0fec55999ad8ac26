// Promise: what a reader finds is one whole value of exactly that key, whatever main does meanwhile; and an overwrite is
// never a moment of absence. The seed is random and said when something fails; TORN_SEED=<seed> repeats the writes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tornReads } from '../support/torn-reads.js'

const READERS = 2
const READS = 750_000

test('more than a million reads on two threads under all kinds of writes: none is wrong', async () => {
  const seed = Number(process.env.TORN_SEED ?? Math.floor(Math.random() * 2 ** 31))
  const { puts, evictions, expirations, reports } = await tornReads(READERS, READS, seed)
  let [found, native] = [0, 0]
  for (const report of reports) {
    assert.deepEqual(report.wrong, [], `TORN_SEED=${seed}`)
    assert.equal(report.found + report.missing + report.asked, READS)
    found += report.found
    native += report.native
  }
  assert.ok(native > READS / 16, `${native} of ${found} were found by the native finder`)
  assert.ok(found > READS / 4 && puts > 1000 && evictions > 100 && expirations > 10)
})
