// A worker that begins and ends runs, and main that stops them, in every order of their atomic operations.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WORKER_RUN_WORD, workerWord } from '../../src/shared/layout.js'
import { type End, explore } from '../support/lockstep.js'
import { createRunMemory } from './actors/run-word.js'

const moduleUrl = new URL('./actors/run-word.js', import.meta.url)

/** Each run up to the first killed one has exactly one end; what main believes it killed is what was killed. */
function assertOneEndEach({ logs: [ended = [], killed = []] }: End): void {
  assert.ok(killed.length <= 1)
  assert.deepEqual([...ended, ...killed], killed[0] === 1 ? [1] : [1, 2])
}

test('exactly one of end and kill succeeds, and kill names the run it stopped', async (t) => {
  const memory = createRunMemory()
  const orders = await explore({
    moduleUrl,
    actors: ['worker', 'killsTwice'],
    memory,
    check: assertOneEndEach,
  })
  t.diagnostic(`${orders} orders`)
})

test('the deadline that main reads is the one of the run it stops', async (t) => {
  const memory = createRunMemory()
  const check = (end: End): void => {
    assertOneEndEach(end)
    assert.deepEqual(end.logs[1]?.includes(2), false, 'the second run is not overdue')
  }
  const orders = await explore({ moduleUrl, actors: ['worker', 'killsOverdueTwice'], memory, check })
  t.diagnostic(`${orders} orders`)
})

test('the same when generations wrap in between', async () => {
  const memory = createRunMemory()
  new Int32Array(memory.control)[workerWord(0, WORKER_RUN_WORD)] = -8
  await explore({ moduleUrl, actors: ['worker', 'killsTwice'], memory, check: assertOneEndEach })
})
