// The programs of the *-orders tests with more preemptions: minutes instead of seconds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunQueueReader } from '../../src/shared/run-queue.js'
import { type End, explore, type Program } from '../support/lockstep.js'
import { createBellMemory } from './actors/bells.js'
import { createRoomMemory, REPLY_BYTES } from './actors/room.js'
import { createQueueMemory } from './actors/run-queue.js'
import { createRunMemory, STOPPED, WRONG_HOOK } from './actors/run-word.js'
import { createBellMemory as createWatchdogMemory } from './actors/watchdog-bell.js'

const LAST_SEQUENCE = 2 ** 32 - 1

const nobodySleeps: Program['check'] = ({ asleep }) => assert.deepEqual(asleep, [])

function search(name: string, module: string, program: Omit<Program, 'moduleUrl'>): void {
  test(name, async (t) => {
    const moduleUrl = new URL(`./actors/${module}.js`, import.meta.url)
    t.diagnostic(`${await explore({ moduleUrl, ...program })} orders`)
  })
}

function bells(actors: string[], maxPreemptions: number): void {
  search(actors.join(' and '), 'bells', {
    actors,
    memory: createBellMemory(),
    maxPreemptions,
    check: nobodySleeps,
  })
}

bells(['waitsForTwo', 'ringsTwice'], 7)
bells(['hearsTwo', 'firstCaller', 'secondCaller'], 4)

function queue(actors: string[], waiting: number, program: Partial<Program>): void {
  const memory = createQueueMemory(LAST_SEQUENCE, waiting)
  const check = ({ logs }: End): void => {
    const later = new RunQueueReader(memory.queue, 7)
    const found = logs.flat()
    while (later.claim()) {
      found.push(later.runId)
      later.release()
    }
    assert.deepEqual(found.sort(), [1, 2])
  }
  search(actors.join(' and '), 'run-queue', { actors, memory, check, ...program })
}

queue(['first', 'second'], 2, { maxPreemptions: 6 })
queue(['first', 'second', 'pushesTwo'], 0, { maxPreemptions: 4 })
queue(['first', 'second', 'third'], 2, { maxPreemptions: 3 })
queue(['first', 'second', 'undertaker'], 2, { maxPreemptions: 3, mortal: 0, undertaker: 2 })
queue(['first', 'second', 'closer'], 2, { maxPreemptions: 3 })

function room(actors: string[], logs: number[][], maxPreemptions: number): void {
  const check: Program['check'] = (end) => {
    assert.deepEqual(end.asleep, [])
    assert.deepEqual(end.logs, logs)
  }
  search(actors.join(' and '), 'room', { actors, memory: createRoomMemory(), maxPreemptions, check })
}

room(['appends', 'drains'], [[1], [9]], 4)
room(['waitsForHeadroom', 'drainsOnce'], [[1], []], 8)
room(['asks', 'answers'], [[REPLY_BYTES, (REPLY_BYTES - 1) & 0xff], []], 4)

function stop(actors: string[], maxPreemptions: number): void {
  const check: Program['check'] = ({ logs, asleep }) => {
    const [ended = [], , killed = []] = logs
    const wasKilled = killed.length > 0 && actors[2]?.startsWith('kills') === true
    assert(!ended.includes(WRONG_HOOK))
    const runs = [...ended.map((entry) => entry % STOPPED), ...(wasKilled ? killed : [])]
    assert.deepEqual(runs, wasKilled && killed[0] === 1 ? [1] : [1, 2])
    assert.deepEqual(
      asleep.filter((actor) => actor > 0 || !wasKilled),
      [],
    )
  }
  search(actors.join(' and '), 'run-word', { actors, memory: createRunMemory(), maxPreemptions, check })
}

stop(['workerWithVm', 'armsFirstTwice'], 7)
stop(['workerWithVm', 'armsBoth'], 7)
stop(['workerWithVm', 'armsBoth', 'doomsFirst'], 4)
stop(['workerWithVm', 'armsBoth', 'killsTwice'], 4)

search('the watchdog falls asleep while two runs begin', 'watchdog-bell', {
  actors: ['sleepsUntil50', 'begins', 'beginsWithLess'],
  memory: createWatchdogMemory(),
  maxPreemptions: 4,
  check: ({ asleep, logs }) => assert.deepEqual([asleep, logs[0]], [[], [50]]),
})
