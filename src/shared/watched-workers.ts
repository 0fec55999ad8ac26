// What main tells the watchdog thread.

import type { MessagePort } from 'node:worker_threads'
import type { ClockOrigin } from '../clock.js'

/** At its start. */
export interface WatchdogData {
  readonly control: SharedArrayBuffer
  readonly clock: ClockOrigin
  readonly threads: number
}

/** That a worker is there, before it boots: its VMs come by that port. Or that it is gone: without a port. */
export interface WatchedWorker {
  readonly worker: number
  readonly vms: MessagePort | undefined
}
