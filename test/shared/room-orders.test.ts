// Waiting for room in a ring, in every order of the two sides' atomic operations (up to a few preemptions): whoever waits
// is woken when there is room.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type End, explore } from '../support/lockstep.js'
import { createRoomMemory, REPLY_BYTES } from './actors/room.js'

const moduleUrl = new URL('./actors/room.js', import.meta.url)

const ends =
  (...logs: number[][]) =>
  (end: End): void => {
    assert.deepEqual(end.asleep, [], 'somebody waits for room that is there')
    assert.deepEqual(end.logs, logs)
  }

test('a record that found the outbox full goes out when main has read on', async (t) => {
  const memory = createRoomMemory()
  const check = ends([1], [9])
  const orders = await explore({ moduleUrl, actors: ['appends', 'drains'], memory, maxPreemptions: 2, check })
  t.diagnostic(`${orders} orders`)
})

test('a worker without headroom wakes when main has read on', async (t) => {
  const memory = createRoomMemory()
  const check = ends([1], [])
  const actors = ['waitsForHeadroom', 'drainsOnce']
  const orders = await explore({ moduleUrl, actors, memory, maxPreemptions: 4, check })
  t.diagnostic(`${orders} orders`)
})

test('an answer larger than the ring passes through it', async (t) => {
  const memory = createRoomMemory()
  const check = ends([REPLY_BYTES, (REPLY_BYTES - 1) & 0xff], [])
  const orders = await explore({ moduleUrl, actors: ['asks', 'answers'], memory, maxPreemptions: 2, check })
  t.diagnostic(`${orders} orders`)
})
