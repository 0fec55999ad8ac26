// A slot when its thread goes; what becomes of the runs is in thread-changes.test.ts.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { MessageChannel, type Worker } from 'node:worker_threads'
import { type BootTemplate, type WorkerSlot, WorkerSlots } from '../../src/dispatch/worker-slots.js'
import type { MoonpoolError } from '../../src/errors.js'
import { createSharedMemory } from '../../src/shared/layout.js'

type OwnedMemory = Parameters<typeof createSharedMemory>[1]

/** A thread that only starts and exits. */
class IdleThread extends EventEmitter {
  async terminate(): Promise<number> {
    return 0
  }
}

test('a thread that died while it waited for a run is not called for those that come back', async () => {
  const memory = createSharedMemory(1, {} as OwnedMemory)
  const seen: string[] = []
  const failed = new Promise<MoonpoolError>((resolve) => {
    const onGone = ({ bell, state }: WorkerSlot): void => {
      seen.push(state)
      assert.equal(bell.isIdle(), false)
      assert.equal(bell.summon(), false, 'nobody would come')
    }
    const events = { onBooting: () => {}, onReady: () => {}, onGone, onFailed: resolve }
    const slots = new WorkerSlots({ threads: 1, spareThreads: 0 }, memory, {} as BootTemplate, events)
    const thread = new IdleThread()
    const [control, vms] = [new MessageChannel(), new MessageChannel()]
    slots.onStarted(0, thread as unknown as Worker, { control: control.port2, vms: vms.port2 })
    const slot = slots.all[0] ?? assert.fail()
    slot.bell.prepareToIdle()
    assert.equal(slot.bell.isIdle(), true)
    thread.emit('exit', 1)
    assert.deepEqual([slot.state, slot.drainTask, slot.drainCount], ['empty', undefined, 0])
    for (const port of [control.port1, vms.port1]) port.close()
  })
  assert.equal((await failed).code, 'MOONPOOL_START')
  assert.deepEqual(seen, ['booting'])
})
