// Runs on their way to threads that do nothing: a test claims, begins and settles them.

import assert from 'node:assert/strict'
import { Images } from '../../src/dispatch/images.js'
import type { Run } from '../../src/dispatch/run.js'
import { RunLedger } from '../../src/dispatch/run-ledger.js'
import { RunSettler } from '../../src/dispatch/run-settler.js'
import type { WorkerSlots } from '../../src/dispatch/worker-slots.js'
import type { MoonpoolErrorCode } from '../../src/errors.js'
import { createImageArena } from '../../src/shared/image-arena.js'
import { PrefixCells } from '../../src/shared/prefix-cells.js'
import { RunWord } from '../../src/shared/run-word.js'
import { Prefixes } from '../../src/store/prefixes.js'
import { createFeeder } from './feeder-fixture.js'
import { createRun } from './fixture.js'

export function createSettler(threads = 1) {
  const parts = createFeeder(threads)
  const { words, queue, admission, lookAhead, feeder, readers } = parts
  for (const [worker, slot] of parts.slots.entries()) {
    Object.assign(slot, { runWord: new RunWord(words, worker), stopCode: undefined })
  }
  /** Codes of the threads that were stopped, by place. */
  const stopped: (MoonpoolErrorCode | undefined)[] = []
  const slots = {
    all: parts.slots,
    readyCount: threads,
    noteLife: () => {},
    close: () => {},
    stop: ({ index }: { index: number }, code: MoonpoolErrorCode) => {
      stopped[index] = code
    },
  } as unknown as WorkerSlots
  const images = new Images(createImageArena(4096), 4096, 1)
  const ledger = new RunLedger(new Prefixes(new PrefixCells({ cells: 16 })), images)
  const settler = new RunSettler({ admission, queue, lookAhead, slots, feeder, ledger })
  /** What became of each run, by id: values or a code. */
  const ends = new Map<number, string>()
  const open = (change: Partial<Run> = {}): Run => {
    const run = ledger.open(
      { ...createRun(0), ...change },
      'tenant',
      (values) => ends.set(run.id, values.join()),
      (error) => ends.set(run.id, (error as { code?: string }).code ?? error.message),
    )
    parts.give(run)
    return run
  }
  /** A worker claims what lies there first, and begins it if that is said. */
  const claim = (worker: number, run: Run, isBegun: boolean): void => {
    const reader = readers[worker] ?? assert.fail()
    assert.ok(reader.claim())
    assert.equal(reader.runId, run.id)
    parts.slots[worker]?.runWord.begin(run.id, 1000)
    if (isBegun) reader.release()
  }
  return { ...parts, slots, ledger, settler, stopped, ends, open, claim }
}
