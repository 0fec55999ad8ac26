// A thousand threads end at random moments; nothing but the runs inside is lost.
//
//   TERMINATIONS=200 npm run stress -- worker-terminated

import { test } from 'node:test'
import { terminateAtRandom } from '../support/terminations.js'

const TERMINATIONS = Number(process.env.TERMINATIONS ?? 1000)

test(`${TERMINATIONS} terminations at random moments: every other run settles, the store stays whole`, (t) =>
  terminateAtRandom(t, TERMINATIONS))
