// Runs that end within a millisecond of their deadline: each has one end, the right one, and the next run on the same VM
// notices nothing.

import { test } from 'node:test'
import { endAtDeadlines } from '../support/deadline-edge.js'

test('2,000 runs that end within a millisecond of their deadline', (t) => endAtDeadlines(t, 2000))
