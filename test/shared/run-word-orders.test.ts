// A worker that begins and ends runs, the watchdog that arms its VM, and main that dooms or kills them, in every order of
// their atomic operations.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WORKER_RUN_WORD, workerWord } from '../../src/shared/layout.js'
import { type End, explore } from '../support/lockstep.js'
import { createRunMemory, STOPPED, WRONG_HOOK } from './actors/run-word.js'

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

test('a run that main names is stopped, and no other', async (t) => {
  const memory = createRunMemory()
  let kills = 0
  const check = ({ logs: [ended = [], killed = []] }: End): void => {
    kills += killed.length
    assert.deepEqual([...ended, ...killed], [1, 2])
  }
  const orders = await explore({ moduleUrl, actors: ['worker', 'killsSecondTwice'], memory, check })
  t.diagnostic(`${orders} orders, ${kills} kills`)
  assert.ok(kills > 10)
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

/**
 * Each run has one end, up to the one that was killed; the hook fires in no run that may act; nobody sleeps but a worker
 * that is killed and so about to be terminated. Returns what the worker logged.
 */
function assertOneEnd({ logs: [ended = []], asleep }: End, killed: readonly number[]): void {
  assert(!ended.includes(WRONG_HOOK), 'the hook of an earlier run fired')
  const runs = [...ended.map((entry) => entry % STOPPED), ...killed]
  assert.deepEqual(runs, killed[0] === 1 ? [1] : [1, 2])
  assert.deepEqual(
    asleep.filter((actor) => actor > 0 || killed.length === 0),
    [],
  )
}

const search = (actors: string[], maxPreemptions: number, check: (end: End) => void): Promise<number> =>
  explore({ moduleUrl, actors, memory: createRunMemory(), check, maxPreemptions })

test('the watchdog stops only the run that is overdue, and never writes into another', async (t) => {
  let stopped = 0
  const orders = await search(['workerWithVm', 'armsFirstTwice'], 4, (end) => {
    assertOneEnd(end, [])
    const [ended = [], writes = []] = end.logs
    assert(!ended.includes(STOPPED + 2), 'the second run is not overdue')
    assert.equal(ended.includes(STOPPED + 1), writes.length > 0, 'stopped if and only if it was written to')
    if (writes.length > 0) stopped++
  })
  t.diagnostic(`${orders} orders, ${stopped} with a stop`)
  assert(stopped > 100)
})

test('both runs overdue: each is stopped or has ended', async (t) => {
  const orders = await search(['workerWithVm', 'armsBoth'], 4, (end) => assertOneEnd(end, []))
  t.diagnostic(`${orders} orders`)
})

test('arming and aborting at the same time', async (t) => {
  const orders = await search(['workerWithVm', 'armsFirst', 'doomsFirst'], 3, (end) => {
    assertOneEnd(end, [])
    const [ended = [], writes = [], doomed = []] = end.logs
    assert.equal(ended.includes(STOPPED + 1), writes.length + doomed.length > 0)
  })
  t.diagnostic(`${orders} orders`)
})

test('arming and killing at the same time', async (t) => {
  for (const killer of ['killsFirst', 'killsTwice']) {
    const actors = ['workerWithVm', 'armsBoth', killer]
    const orders = await search(actors, 2, (end) => assertOneEnd(end, end.logs[2] ?? []))
    t.diagnostic(`${killer}: ${orders} orders`)
  }
})
