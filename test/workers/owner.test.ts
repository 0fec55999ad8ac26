// Whose leftovers a run may meet: a real worker's runs, one after the other, with its VM's memory looked at in between.
// What Lua never reads is filled with a mark; a run for the same owner leaves that alone, any other finds it gone.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { createClock, createClockOrigin } from '../../src/clock.js'
import { holdBytes, NO_ARGUMENTS } from '../../src/shared/held-bytes.js'
import { createImageArena, createPlace, imagePlaceBytes } from '../../src/shared/image-arena.js'
import { createSharedMemory } from '../../src/shared/layout.js'
import { PrefixCells } from '../../src/shared/prefix-cells.js'
import { type QueuedRun, RUN_KINDS, RunQueueWriter } from '../../src/shared/run-queue.js'
import { RunWord } from '../../src/shared/run-word.js'
import { Prefixes } from '../../src/store/prefixes.js'
import { Store } from '../../src/store/store.js'
import { bootWorker } from '../../workers/boot.js'
import { BaseMemory } from '../../workers/vm/base-memory.js'
import { loadChunk, resumeRun } from '../../workers/vm/execution.js'
import { captureImage } from '../../workers/vm/image.js'
import { HEAP_BASE } from '../../workers/vm/layout.js'
import { LuaWorld } from '../support/lua-world.js'
import { queuedRun } from '../support/queued-run.js'

const MIB = 2 ** 20
const CACHE = {
  maxEntries: 100,
  maxBytes: MIB,
  maxValueBytes: 1000,
  maxKeyBytes: 100,
  nilIsMiss: false,
  defaultTtlMs: undefined,
  maxTtlMs: undefined,
}
const CALL = RUN_KINDS.indexOf('call')
/** In the part of the shadow stack that each change of owner zeroes, below what a short run reaches. */
const MARK_AT = HEAP_BASE - 11 * 1024
const MARK = 0x5a

interface Desk {
  /** Whether the mark that was set before the run is there after it. */
  readonly isMarkLeft: (run: Partial<QueuedRun>) => boolean
  /** From now on each run is doomed when it has just left its script. */
  readonly doomRuns: () => void
  readonly images: readonly [QueuedRun['image'], QueuedRun['image']]
  readonly cells: PrefixCells
}

async function openDesk(t: TestContext): Promise<Desk> {
  const clock = createClockOrigin()
  const cells = new PrefixCells()
  const store = new Store(CACHE, createClock(clock), new Prefixes(cells, 10))
  const images = createImageArena(MIB)
  const memory = createSharedMemory(1, { images, view: store.view, prefixCells: cells.buffer, clock })
  const { port1, port2 } = new MessageChannel()
  t.after(() => port1.close())
  const limits = { memoryBytes: 8 * MIB, maxArgumentBytes: 1000, maxResultBytes: 1000, niceIncrement: 0 }
  const worker = bootWorker({ worker: 0, memory, cache: CACHE, lua: undefined, ...limits }, port2)
  const [news] = (await once(port1, 'message')) as [{ memory: WebAssembly.Memory }]
  const bytes = Buffer.from(news.memory.buffer)
  const queue = new RunQueueWriter(memory.runQueue)
  const mainsRunWord = new RunWord(new Int32Array(memory.control), 0)
  const functionName = holdBytes(Buffer.from('f'))
  let runId = 0
  return {
    cells,
    images: placeImages(images, worker.lua),
    doomRuns: () => {
      const end = RunWord.prototype.end
      t.mock.method(RunWord.prototype, 'end', function (this: RunWord) {
        assert.ok(mainsRunWord.doom(runId))
        return end.call(this)
      })
    },
    isMarkLeft: (run) => {
      bytes[MARK_AT] = MARK
      assert.ok(queue.push(queuedRun(++runId, { kind: CALL, functionName, args: NO_ARGUMENTS, ...run })))
      // It lingers for a moment when it has run dry.
      worker.loop.drain()
      assert.equal(queue.waiting, 0)
      return bytes[MARK_AT] === MARK
    },
  }
}

/** One script twice, as two images in the arena. */
function placeImages(arena: SharedArrayBuffer, lua: object): Desk['images'] {
  const { base } = lua as { base: Buffer }
  const world = new LuaWorld(8 * MIB, undefined, new BaseMemory(base))
  const { vm } = world
  assert.equal(loadChunk(vm, Buffer.from('function f() end return f'), 'f.lua'), undefined)
  resumeRun(vm, 0)
  const image = captureImage(vm, world.base.origin)
  arena.grow(2 * imagePlaceBytes(image.length))
  const place = (id: number): QueuedRun['image'] => {
    const offset = (id - 1) * imagePlaceBytes(image.length)
    createPlace(arena, offset, image.length).set(image)
    return { id, offset }
  }
  return [place(1), place(2)]
}

test('a prefix meets its own leftovers in any of its scripts, and nobody else’s', async (t) => {
  const { isMarkLeft, images, cells } = await openDesk(t)
  const [image, other] = images
  const ada = { cell: cells.claim(), bytes: 3 }
  const bob = { cell: cells.claim(), bytes: 3 }
  assert.equal(isMarkLeft({ image, prefix: ada }), false)
  assert.equal(isMarkLeft({ image, prefix: ada }), true)
  assert.equal(isMarkLeft({ image: other, prefix: ada }), true)
  assert.equal(isMarkLeft({ image: other, prefix: bob }), false)
  assert.equal(isMarkLeft({ image: other, prefix: ada }), false)
  cells.renew(ada.cell)
  assert.equal(isMarkLeft({ image: other, prefix: ada }), false, 'cleared: as another')
})

test('without a prefix each script stands for itself', async (t) => {
  const { isMarkLeft, images, cells } = await openDesk(t)
  const [image, other] = images
  const none = { cell: cells.claim(), bytes: 0 }
  assert.equal(isMarkLeft({ image, prefix: none }), false)
  assert.equal(isMarkLeft({ image, prefix: none }), true)
  assert.equal(isMarkLeft({ image: other, prefix: none }), false)
  assert.equal(isMarkLeft({ image, prefix: none }), false)
  const ada = { cell: cells.claim(), bytes: 3 }
  assert.equal(isMarkLeft({ image, prefix: ada }), false)
})

test('a run that was to be stopped but ended by itself leaves nothing for its own: the watchdog may have written', async (t) => {
  const { isMarkLeft, images, cells, doomRuns } = await openDesk(t)
  const run = { image: images[0], prefix: { cell: cells.claim(), bytes: 3 } }
  assert.equal(isMarkLeft(run), false)
  assert.equal(isMarkLeft(run), true)
  doomRuns()
  assert.equal(isMarkLeft(run), true)
  assert.equal(isMarkLeft(run), false, 'the run before was doomed')
})
