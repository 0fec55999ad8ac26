// The threads. The only file that knows Piscina, which starts them, replaces them and takes them down.
//
// A task is not a run: it is "drain the run queue", and a worker has one at most. Between tasks a worker serves its
// control port, which it sends once when its module has loaded: replacements report in the same way.

import type { MessagePort, Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { threadEnvironment } from './thread-environment.js'

export interface PoolEvents {
  /** A thread has started. */
  readonly onStarted: (worker: Worker, ports: WorkerPorts) => void
  /** A thread failed outside of any task; Piscina has removed it. */
  readonly onError: (error: Error) => void
}

/** What a thread sends when its module has loaded. */
export interface WorkerPorts {
  /** It waits for its boot call there. */
  readonly control: MessagePort
  /** For the watchdog thread: brings the memory of the VMs it runs. */
  readonly vms: MessagePort
}

interface StartedMessage {
  readonly threadId: number
  readonly ports: WorkerPorts
}

export class WorkerPool {
  readonly #piscina: Piscina

  constructor(threads: number, events: PoolEvents) {
    this.#piscina = new Piscina({
      filename: new URL('../../workers/worker.js', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      // The default, 'sync', leaves idle workers in Atomics.wait, where no control call reaches them.
      atomics: 'async',
      recordTiming: false,
      env: threadEnvironment(),
    })
    this.#piscina.on('error', events.onError)
    this.#piscina.on('message', ({ threadId, ports }: StartedMessage) => {
      const worker = this.#piscina.threads.find((thread) => thread.threadId === threadId)
      if (worker === undefined) closePorts(ports)
      else events.onStarted(worker, ports)
    })
  }

  /** Threads that are there, booted or not. */
  get size(): number {
    return this.#piscina.threads.length
  }

  /** Sends one idle worker to the run queue, or starts a missing thread. Settles when that worker left it, or died. */
  drain(): Promise<void> {
    return this.#piscina.run(undefined)
  }

  /** Ends all threads, whatever they do. */
  destroy(): Promise<void> {
    return this.#piscina.destroy()
  }
}

export function closePorts({ control, vms }: WorkerPorts): void {
  control.close()
  vms.close()
}
