// The gate to the native code that reads the view (view-finder/): loads it over the view's own memory, and types it.

import { readFileSync } from 'node:fs'
import { createError } from '../src/errors.js'
import { stripeSpread, type ViewMemory, viewPlaces } from '../src/shared/view-layout.js'

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
  ): void
  /** See RunClock. */
  beginRun(aliveFromMs: number): void
  /** Whether this worker wrote something that main has not applied: at first it is taken for granted. */
  noteOwnWrites(areThere: boolean): void
}

/** Undefined when the view is too large for wasm: then JavaScript reads it alone. */
export function createViewFinder(view: ViewMemory): ViewFinder | undefined {
  if (view.wasm === undefined) return undefined
  const instance = new WebAssembly.Instance(compile(), { env: { memory: view.wasm } })
  const finder = instance.exports as unknown as ViewFinder
  const { slotsAt, marksAt } = viewPlaces(view)
  const { stripes, maxEntries, arenaAt, arenaBytes } = view
  finder.setView(stripes, stripeSpread(stripes), slotsAt, marksAt, maxEntries, arenaAt, arenaBytes)
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
