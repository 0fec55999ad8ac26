import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PollingPolicy } from '../../src/shared/polling-policy.js'

test('where polling is in vain it is tried after 1, 2, 4 … 64 waits', () => {
  const policy = new PollingPolicy()
  const rests: number[] = []
  for (let tries = 0, rest = 0; tries < 10; rest++) {
    if (!policy.shouldPoll()) continue
    policy.noteFailure()
    rests.push(rest)
    rest = -1
    tries++
  }
  assert.deepEqual(rests, [0, 1, 2, 4, 8, 16, 32, 64, 64, 64])
})

test('after one success it polls at each wait', () => {
  const policy = new PollingPolicy()
  for (let n = 0; n < 5; n++) policy.noteFailure()
  policy.noteSuccess()
  for (let n = 0; n < 5; n++) assert(policy.shouldPoll())
})
