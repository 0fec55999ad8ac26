// Threads die at any moment; nothing but the run inside is lost.

import { describe, test } from 'node:test'
import { terminateAtRandom } from '../support/terminations.js'

const TERMINATIONS = 80

describe('worker-terminated', () => {
  test(`T8: ${TERMINATIONS} terminations at random moments: every other run settles, the store stays whole`, (t) =>
    terminateAtRandom(t, TERMINATIONS))
})
