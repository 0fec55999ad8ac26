// Threads that cannot start: a clear error, never a hang.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createEngine } from '../../src/index.js'
import { startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

describe('boot-fails', () => {
  test('replacements that die while they boot, again and again, end in MOONPOOL_START for all', async (t) => {
    const { engine, parts } = await startInspectedEngine(t, { spareThreads: 0 })
    const [slot] = parts.slots.all
    assert(slot?.worker !== undefined)
    let isOver = false
    await slot.worker.terminate()
    // Runs that wait for a thread that never comes.
    const waiting = Array.from({ length: 20 }, () => engine.eval('return 1').catch((error: unknown) => error))
    const outcomes = Promise.all(waiting).finally(() => {
      isOver = true
    })
    while (!isOver) {
      if (slot.state === 'booting') await slot.worker?.terminate()
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const error of await outcomes)
      assert.match(String((error as { code: string }).code), /^MOONPOOL_(START|WORKER_LOST)$/)
    await rejection(engine.eval('return 1'), 'MOONPOOL_START', /could not start/)
    await engine.close()
    assert.equal(engine.stats().running, 0)
  })

  test('the smallest memory limit is enough to start', async () => {
    const engine = await createEngine({ threads: 1, limits: { memoryBytes: 4 * 2 ** 20 } })
    assert.equal(await engine.eval('return 1'), 1)
    await engine.close()
  })
})
