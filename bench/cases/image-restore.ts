// What does a pristine VM for each run cost?
//
// Single thread; the same script everywhere.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import type { BenchCase, Measurement, OpenCase, Question } from '../case.js'
import { measureLoop } from '../measure.js'
import type { PristineVm } from '../vm/pristine-vm.js'
import { loadWork } from '../works.js'

/** The rate limiter beside a `main` that would count on, if anything of a run stayed. */
const SOURCE = `
calls = 0
function main() calls = calls + 1 return calls end
${loadWork('limiter').lua}`

const REPEATS = 500

const RESTORE = 'restore an image'
const RESTORE_FOR_SAME = 'restore an image, for the same prefix'
const RESTORE_DIFFERENCE = 'restore an image, as among many'
const RESTORE_DIFFERENCE_FOR_SAME = 'restore an image, as among many, for the same prefix'
const RESTORE_AND_RUN = 'restore an image, run a small main'
const SET = 'TypedArray.set of the same bytes'
const FILL = 'Buffer.fill of the same bytes'
const NEW_ENGINE = 'new wasmoon engine, run a small main'

async function openVm(): Promise<PristineVm> {
  return (await import('../vm/pristine-vm.js')).createPristineVm(SOURCE)
}

/** `once` gets a VM; `check` proves what it did there. */
function vmCase(
  name: string,
  prepare: (pristine: PristineVm) => { once: () => void; check: () => void },
): BenchCase {
  return {
    name,
    ...(name.startsWith(RESTORE) && { contender: 'moonpool' }),
    open: async (): Promise<OpenCase> => {
      const { once, check } = prepare(await openVm())
      const repeat = (): void => {
        for (let n = 0; n < REPEATS; n++) once()
      }
      return {
        check: async () => check(),
        measure: async (forMs) => measureLoop(repeat, REPEATS, forMs),
        cleanup: async () => {},
      }
    },
  }
}

/** Nothing of the run before is left: `main` counts to one each time. */
function restoring(restore: () => void, runMain: () => number): { once: () => void; check: () => void } {
  const check = (): void => {
    for (let n = 0; n < 3; n++) {
      restore()
      assert.equal(runMain(), 1)
    }
  }
  return { once: restore, check }
}

/** Copies as many bytes as the image has to where they would go, by other means. */
function copyCase(name: string, createCopy: (target: Buffer, source: Buffer) => () => void): BenchCase {
  return vmCase(name, ({ vm, imageSizeBytes }) => {
    const source = Buffer.from(new SharedArrayBuffer(imageSizeBytes)).fill(0xa5)
    const target = vm.bytes.subarray(0, imageSizeBytes)
    const once = createCopy(target, source)
    return {
      once,
      check: () => {
        once()
        assert.ok(target.equals(source))
      },
    }
  })
}

async function openEnginePerRun(): Promise<OpenCase> {
  const { openEnginePerRun: open } = await import('../peers/wasmoon/engine-per-run.js')
  const peer = open()
  return {
    check: async () => {
      for (let n = 0; n < 3; n++) assert.equal(await peer.runMain(SOURCE), 1)
    },
    measure: async (forMs): Promise<Measurement> => {
      const startMs = performance.now()
      let operations = 0
      do {
        await peer.runMain(SOURCE)
        operations++
      } while (performance.now() - startMs < forMs)
      return { operations, seconds: (performance.now() - startMs) / 1_000 }
    },
    cleanup: async () => {},
  }
}

export const question: Question = {
  text: 'What does a pristine VM for each run cost?',
  cases: [
    vmCase(RESTORE, ({ restore, runMain }) => restoring(restore, runMain)),
    vmCase(RESTORE_FOR_SAME, ({ restoreForSame, runMain }) => restoring(restoreForSame, runMain)),
    vmCase(RESTORE_DIFFERENCE, ({ restoreDifference, runMain }) => restoring(restoreDifference, runMain)),
    vmCase(RESTORE_DIFFERENCE_FOR_SAME, ({ restoreDifferenceForSame, runMain }) =>
      restoring(restoreDifferenceForSame, runMain),
    ),
    vmCase(RESTORE_AND_RUN, ({ restore, runMain }) => {
      const once = (): void => {
        restore()
        assert.ok(runMain() === 1)
      }
      return { once, check: once }
    }),
    copyCase(SET, (target, source) => {
      const [to, from] = [new Uint8Array(target.buffer, 0, target.length), new Uint8Array(source.buffer)]
      return () => to.set(from)
    }),
    copyCase(FILL, (target, source) => () => target.fill(source)),
    { name: NEW_ENGINE, open: openEnginePerRun },
  ],
  plots: [{ kind: 'bars', figure: 'eachUs' }],
  comparisons: [
    { subject: RESTORE_FOR_SAME, peer: RESTORE, figure: 'eachUs' },
    { subject: RESTORE_DIFFERENCE, peer: RESTORE, figure: 'eachUs' },
    { subject: RESTORE_DIFFERENCE_FOR_SAME, peer: RESTORE_FOR_SAME, figure: 'eachUs' },
    { subject: RESTORE, peer: SET, figure: 'eachUs' },
    { subject: RESTORE, peer: FILL, figure: 'eachUs' },
    { subject: RESTORE_AND_RUN, peer: NEW_ENGINE },
  ],
}
