// Runs begin while the watchdog falls asleep, in every order of their atomic operations: it never sleeps beyond the deadline
// of a run that has begun.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explore } from '../support/lockstep.js'
import { createBellMemory } from './actors/watchdog-bell.js'

const moduleUrl = new URL('./actors/watchdog-bell.js', import.meta.url)

test('a run that begins while the watchdog falls asleep', async (t) => {
  const orders = await explore({
    moduleUrl,
    actors: ['sleepsUntil100', 'begins'],
    memory: createBellMemory(),
    maxPreemptions: 5,
    check: ({ asleep, logs }) => {
      assert.deepEqual(asleep, [], 'it sleeps beyond the deadline')
      assert.deepEqual(logs[0], [100])
    },
  })
  t.diagnostic(`${orders} orders`)
})

test('two runs, the second with a nearer deadline', async (t) => {
  const orders = await explore({
    moduleUrl,
    actors: ['sleepsUntil50', 'begins', 'beginsWithLess'],
    memory: createBellMemory(),
    maxPreemptions: 2,
    check: ({ asleep, logs }) => {
      assert.deepEqual(asleep, [], 'it sleeps beyond the deadline')
      assert.deepEqual(logs[0], [50])
    },
  })
  t.diagnostic(`${orders} orders`)
})
