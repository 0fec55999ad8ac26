// Who sleeps while there is work? Nobody, in any order of the ringer's and the sleeper's steps.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bell, Doorbell } from '../../src/shared/bells.js'
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
