// The gate to the native code that reads the view (view-finder/): loads it over the view's own memory, and types it.

import { readFileSync } from 'node:fs'
import { createError } from '../src/errors.js'
import { OWN_WRITES_BYTES, stripeSpread, type ViewMemory, viewPlaces } from '../src/shared/view-layout.js'

/** One per worker. Its other exports are for the native code of VMs: `find`, and the globals that a value is left in. */
export interface ViewFinder {
  setView(
    stripes: number,
    spread: number,
    slotsAt: number,
    marksAt: number,
    maxEntries: number,
    arenaAt: number,
    arenaBytes: number,
    ownWritesAt: number,
  ): void
  /** See RunClock. */
  beginRun(aliveFromMs: number): void
  /** Whether any key may have been written by this worker and not applied by main: at first it is taken for granted. */
  noteOwnWrites(areThere: boolean): void
  /** A key of this hash may have been. */
  noteOwnWrite(hash: number): void
  /** None may that was noted before the last call of this. */
  forgetOlderWrites(): void
}

/** Of one worker. Undefined when the view is too large for wasm: then JavaScript reads it alone. */
export function createViewFinder(view: ViewMemory, worker: number): ViewFinder | undefined {
  if (view.wasm === undefined) return undefined
  const instance = new WebAssembly.Instance(compile(), { env: { memory: view.wasm } })
  const finder = instance.exports as unknown as ViewFinder
  const { slotsAt, marksAt, ownWritesAt } = viewPlaces(view)
  const { stripes, maxEntries, arenaAt, arenaBytes } = view
  const ownAt = ownWritesAt + worker * OWN_WRITES_BYTES
  finder.setView(stripes, stripeSpread(stripes), slotsAt, marksAt, maxEntries, arenaAt, arenaBytes, ownAt)
  return finder
}

function compile(): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(new URL('./view-finder.wasm', import.meta.url)))
  } catch (cause) {
    const message = 'view-finder.wasm cannot be used: build or install the package again'
    throw createError('MOONPOOL_START', message, { cause })
  }
}
