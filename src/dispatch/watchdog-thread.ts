// Main's hand on the watchdog thread, which stops runs inside their VMs (workers/watchdog.ts). One per engine, started
// with it; it never keeps the process alive.

import { type MessagePort, Worker } from 'node:worker_threads'
import { WatchdogBell } from '../shared/watchdog-bell.js'
import type { WatchdogData, WatchedWorker } from '../shared/watched-workers.js'
import { threadEnvironment } from './thread-environment.js'

export class WatchdogThread {
  /** For tests, which end it. */
  readonly worker: Worker
  readonly #bell: WatchdogBell
  #isClosing = false

  /** `onLost`: it is gone, and nobody asked it to go. */
  constructor(workerData: WatchdogData, onLost: (why: string) => void) {
    this.#bell = new WatchdogBell(new Int32Array(workerData.control))
    this.worker = new Worker(new URL('../../workers/watchdog.js', import.meta.url), {
      workerData,
      env: threadEnvironment(),
      // Of the host's own arguments some are for its main script only, and refused with another.
      execArgv: [],
    })
    let why = 'the watchdog thread ended'
    this.worker.on('error', ({ message }) => {
      why = `the watchdog thread failed: ${message}`
    })
    this.worker.on('exit', () => {
      if (!this.#isClosing) onLost(why)
    })
    this.worker.unref()
  }

  /** A thread has this worker's place from now on and posts its VMs to that port; undefined: none has. */
  attach(worker: number, vms: MessagePort | undefined): void {
    const order: WatchedWorker = { worker, vms }
    this.worker.postMessage(order, vms === undefined ? [] : [vms])
    this.#bell.ring()
  }

  /** Ends it for good. */
  turnOff(): void {
    this.#isClosing = true
    this.#bell.turnOff()
  }

  /** A run was doomed. */
  ring(): void {
    this.#bell.ring()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.worker.terminate()
  }
}
