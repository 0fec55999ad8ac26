// How the engine ends: accepted runs may finish until the grace time is over; then those that wait are rejected and
// those that run are stopped, in their VMs first, with their threads where that does not help; then everything goes.

import { KILL_POLL_MS } from '../limits.js'
import type { Drain } from './drain.js'
import type { Feeder } from './feeder.js'
import type { WorkerPool } from './pool.js'
import { stoppedError } from './run-errors.js'
import type { RunLedger } from './run-ledger.js'
import type { RunSettler } from './run-settler.js'
import type { RunStopper } from './run-stopper.js'
import type { Watchdog } from './watchdog.js'
import type { WorkerSlots } from './worker-slots.js'

export interface ShutdownParts {
  readonly ledger: RunLedger
  readonly feeder: Feeder
  readonly stopper: RunStopper
  readonly settler: RunSettler
  readonly slots: WorkerSlots
  readonly pool: WorkerPool
  readonly watchdog: Watchdog
  readonly drain: Drain
  /** How long a run may take to stop inside its VM. */
  readonly stopGraceMs: number
}

export async function shutDown(parts: ShutdownParts, graceMs: number): Promise<void> {
  const { ledger, feeder, settler, slots, pool, watchdog, drain } = parts
  if (!(await ledger.emptyWithin(graceMs))) {
    settler.stopWaiting('MOONPOOL_CLOSED')
    await stopRunning(parts)
  }
  feeder.stop()
  slots.close()
  await pool.destroy()
  settler.stopWaiting('MOONPOOL_CLOSED')
  await watchdog.close()
  drain.stop()
}

async function stopRunning({ ledger, feeder, stopper, slots, stopGraceMs }: ShutdownParts): Promise<void> {
  for (const { runWord } of slots.all) {
    const run = ledger.get(runWord.lastRunId())
    if (run !== undefined) stopper.stop(run, stoppedError(run, 'MOONPOOL_CLOSED'))
  }
  // No thread takes the place of one that ends from here on.
  feeder.stop()
  slots.close()
  await ledger.emptyWithin(stopGraceMs + 2 * KILL_POLL_MS)
  for (const slot of slots.all) {
    slot.runWord.killCurrent()
    slots.stop(slot, 'MOONPOOL_CLOSED')
  }
}
