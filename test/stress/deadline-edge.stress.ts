// The same as hazards/deadline-edge.test.ts, many more: minutes.

import { test } from 'node:test'
import { endAtDeadlines } from '../support/deadline-edge.js'

test('100,000 runs that end within a millisecond of their deadline', (t) => endAtDeadlines(t, 100_000))
