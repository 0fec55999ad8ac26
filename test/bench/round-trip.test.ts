// The bare round trip answers each request once, however the two sides wait, and ends at the worker's last.

import { test } from 'node:test'
import type { Carrier } from '../../bench/peers/atomics/cells.js'
import { openRoundTrip } from '../../bench/peers/atomics/round-trip.js'

const WAYS: readonly Carrier['main'][] = ['blocked', 'doorbell', 'polling']
const REPEATS = 5

for (const main of WAYS) {
  for (const workerSpinUs of [0, 20]) {
    test(`main ${main}, worker spins ${workerSpinUs} µs`, async (t) => {
      const trip = await openRoundTrip({ name: 'trip', main, workerSpinUs })
      t.after(() => trip.cleanup())
      for (let n = 0; n < REPEATS; n++) await trip.check()
    })
  }
}
