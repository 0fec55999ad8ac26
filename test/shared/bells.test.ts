// Who sleeps while there is work? Nobody, in any order of the ringer's and the sleeper's steps.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bell, Doorbell, ONE_OUTCOME } from '../../src/shared/bells.js'
import { DOORBELL } from '../../src/shared/layout.js'
import { explore, type Program } from '../support/lockstep.js'
import { createBellMemory } from './actors/bells.js'

const moduleUrl = new URL('./actors/bells.js', import.meta.url)

function program(actors: string[], check: Program['check'], maxPreemptions?: number): Program {
  const bounds = maxPreemptions === undefined ? {} : { maxPreemptions }
  return { moduleUrl, actors, memory: createBellMemory(), check, ...bounds }
}

function createBells(): [Bell, Bell] {
  const words = new Int32Array(createBellMemory().control)
  return [new Bell(words, 0), new Bell(words, 1)]
}

const nobodySleeps: Program['check'] = ({ asleep }) =>
  assert.deepEqual(asleep, [], 'somebody sleeps with work published')

test('a worker in a run never sleeps through its answer, in any order of all steps', async (t) => {
  const orders = await explore(program(['waitsForOne', 'ringsOnce'], nobodySleeps))
  t.diagnostic(`${orders} orders`)
  assert.ok(orders > 50)
})

test('nor through the second of two answers', async (t) => {
  const orders = await explore(program(['waitsForTwo', 'ringsTwice'], nobodySleeps, 3))
  t.diagnostic(`${orders} orders`)
})

test('main never sleeps through a record, in any order of all steps', async (t) => {
  const orders = await explore(program(['hearsOne', 'firstCaller'], nobodySleeps))
  t.diagnostic(`${orders} orders`)
})

test('nor through one of two workers', async (t) => {
  const orders = await explore(program(['hearsTwo', 'firstCaller', 'secondCaller'], nobodySleeps, 2))
  t.diagnostic(`${orders} orders`)
})

test('a run that somebody was summoned for is taken, also when the lingering ends at that moment', async (t) => {
  const check: Program['check'] = ({ logs: [taken = [], summoned = []] }) => {
    if (summoned[0] === 1) assert.deepEqual(taken, [1])
  }
  const orders = await explore(program(['firstIdler', 'summonsOneOfOne'], check, 4))
  t.diagnostic(`${orders} orders`)
})

test('two runs, two idle workers: each is summoned for one, and both runs are taken', async (t) => {
  const check: Program['check'] = ({ logs: [first = [], second = [], summoned = []] }) => {
    const count = summoned.filter((worker) => worker > 0).length
    assert.ok(first.length + second.length >= count, `${count} summoned`)
  }
  const orders = await explore(program(['firstIdler', 'secondIdler', 'summonsTwoOfTwo'], check, 1))
  t.diagnostic(`${orders} orders`)
})

/** The runs are there before the workers look for them. */
function programOfRuns(
  actors: string[],
  runs: number,
  check: Program['check'],
  maxPreemptions: number,
): Program {
  const made = program(actors, check, maxPreemptions)
  new Int32Array(made.memory.published as SharedArrayBuffer)[0] = runs
  return made
}

test('main that dozes until several outcomes are there never sleeps through the last', async (t) => {
  for (const [actors, runs, preemptions] of [
    [['dozesForOne', 'firstRunner'], 1, 5],
    [['dozesForThree', 'firstRunner'], 3, 3],
    [['dozesForThree', 'firstRunner', 'secondRunner'], 3, 1],
    [['dozesForEachOfThree', 'firstRunner'], 3, 3],
  ] as const) {
    const orders = await explore(programOfRuns([...actors], runs, nobodySleeps, preemptions))
    t.diagnostic(`${actors.join(', ')}: ${orders} orders`)
  }
})

test('the search finds a worker that runs dry without a ring', async () => {
  await assert.rejects(
    explore(programOfRuns(['dozesForThree', 'leavesSilently'], 3, nobodySleeps, 3)),
    /^Error: schedule|schedule \d+/,
  )
})

test('main that dozes is rung for so many outcomes of one worker, for nothing else but a ring', () => {
  const words = new Int32Array(createBellMemory().control)
  const [main, first, second] = [new Doorbell(words), new Doorbell(words), new Doorbell(words)]
  const isAwake = (): boolean => Atomics.load(words, DOORBELL) === 0
  main.prepareToSleep(3)
  for (const worker of [first, second]) {
    worker.ringForRecord()
    worker.ringForOutcome()
    worker.ringForOutcome()
  }
  assert.equal(isAwake(), false)
  second.ringForOutcome()
  assert.ok(isAwake())
  main.prepareToSleep(3)
  second.ringForOutcome()
  second.ringForOutcome()
  assert.equal(isAwake(), false, 'it counts anew')
  second.ring()
  assert.ok(isAwake())
  main.prepareToSleep()
  first.ringForOutcome()
  assert.ok(isAwake(), 'one is enough for main asleep')
  main.prepareToSleep(ONE_OUTCOME)
  first.ringForRecord()
  assert.equal(isAwake(), false, 'a record is no outcome')
  first.ringForOutcome()
  assert.ok(isAwake())
})

test('a summons is for workers that wait for a run; a ring is for all that sleep', () => {
  const [bell, other] = createBells()
  let seen = bell.prepareToSleep()
  assert.equal(bell.summon(), false)
  assert.equal(bell.sleep(seen, 0), false)
  seen = bell.prepareToSleep()
  bell.ring()
  assert.equal(bell.sleep(seen, 0), true)
  seen = bell.prepareToIdle()
  assert.equal(other.summon(), false, 'another worker')
  assert.equal(bell.summon(), true)
  assert.equal(bell.summon(), false, 'it is on its way')
  assert.equal(bell.sleep(seen, 0), true)
  assert.equal(bell.summon(), false, 'it is awake')
})

test('a worker that is asked to leave is rung for it, once a new one comes it is not', () => {
  const [bell] = createBells()
  const seen = bell.prepareToIdle()
  bell.askToLeave(true)
  assert.ok(bell.isAskedToLeave())
  assert.equal(bell.sleep(seen, 0), true)
  bell.prepareToIdle()
  bell.reset()
  assert.equal(bell.isAskedToLeave(), false)
  assert.equal(bell.summon(), false, 'a worker that is gone does not come')
})

test('a wait that was given up is settled', async () => {
  const { control } = createBellMemory()
  const doorbell = new Doorbell(new Int32Array(control))
  doorbell.prepareToSleep()
  const wait = doorbell.wait()
  doorbell.cancelWait()
  assert.equal(await wait, 'ok')
  assert.equal(await doorbell.wait(), 'not-equal', 'nobody is about to sleep')
})

test('the search finds a sleeper that does not look again, and says in which order', async () => {
  await assert.rejects(explore(program(['doesNotLookAgain', 'ringsOnce'], nobodySleeps)), (error: Error) => {
    assert.match(error.message, /^schedule \d+: (?:doesNotLookAgain|ringsOnce)(?:, |$)/)
    return true
  })
})
