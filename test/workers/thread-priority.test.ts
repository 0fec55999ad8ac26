// Worker threads yield to the others of their process; nobody else's priority changes.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:process'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEngine } from '../../src/index.js'

const ON_LINUX = { skip: platform === 'linux' ? false : 'a nice value belongs to the process here' }

/** Nice values of this process's threads, by thread. */
function niceValues(): Map<string, number> {
  const values = new Map<string, number>()
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      // Behind the name, which may hold anything: the 17th field.
      const [, fields = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1').split(/\) (?=[A-Z] )/)
      values.set(thread, Number(fields.split(' ')[16]))
    } catch {
      // A thread that has just ended.
    }
  }
  return values
}

/** How many threads have come with each nice value, relative to the main thread's, once `count` of them yield. */
async function newThreads(t: TestContext, niceIncrement: number, count: number): Promise<number[]> {
  const before = niceValues()
  const own = before.get(String(process.pid)) as number
  const engine = await createEngine({ threads: 2, spareThreads: 0, niceIncrement })
  t.after(() => engine.close())
  assert.deepEqual(await engine.eval('return 1'), 1)
  let found: number[] = []
  for (let look = 0; look < 500; look++) {
    const now = niceValues()
    assert.equal(now.get(String(process.pid)), own)
    found = [...now].flatMap(([thread, nice]) => (before.has(thread) ? [] : nice - own))
    if (found.filter((nice) => nice === niceIncrement).length >= count) break
    await sleep(10)
  }
  return found.sort((a, b) => a - b)
}

test('workers yield by the increment, the main thread and the watchdog do not', ON_LINUX, async (t) => {
  const found = await newThreads(t, 3, 2)
  assert.deepEqual(
    found.filter((nice) => nice !== 0),
    [3, 3],
  )
  assert.ok(found.includes(0), 'the watchdog thread')
})

test('with an increment of 0 all are equal; none goes beyond the last nice value', ON_LINUX, async (t) => {
  assert.ok((await newThreads(t, 0, 3)).every((nice) => nice === 0))
  const most = await newThreads(t, 19, 2)
  assert.equal(most.filter((nice) => nice > 0).length, 2)
})
