// The threads. The only file that knows Piscina, which starts them, replaces them and takes them down.
//
// Each place has a Piscina of one thread: so main says which thread gets a task (one that has booted), and a place can
// be opened when the others work already. A thread keeps its place; its replacement takes it over.
//
// A task is not a run: it is "drain the run queue", and a worker has one at most. Between tasks a worker serves its
// control port, which it sends once when its module has loaded: replacements report in the same way.

import type { MessagePort, Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { threadEnvironment } from './thread-environment.js'

/** What a worker's JavaScript allocates dies young, and scripts have none of it: more would only be touched and stay resident. */
const YOUNG_GENERATION_MIB = 4

export interface PoolEvents {
  /** A thread has started in this place. */
  readonly onStarted: (place: number, worker: Worker, ports: WorkerPorts) => void
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
  readonly #events: PoolEvents
  readonly #places: Piscina[] = []
  #opening: NodeJS.Timeout | undefined
  #isDestroyed = false

  constructor(threads: number, events: PoolEvents) {
    this.#events = events
    for (let place = 0; place < threads; place++) this.#open()
  }

  /** Threads that are there, booted or not. */
  get size(): number {
    return this.#places.reduce((sum, { threads }) => sum + threads.length, 0)
  }

  /** So many places more, some time from now if the pool and the process are still there then. */
  openLater(places: number, delayMs: number): void {
    const open = (): void => {
      for (let place = 0; place < places; place++) this.#open()
    }
    this.#opening = setTimeout(open, delayMs).unref()
  }

  /** Sends the thread of this place to the run queue. Settles when it left it, or died. */
  drain(place: number): Promise<void> {
    return (this.#places[place] as Piscina).run(undefined)
  }

  /** Starts threads that are missing: of those that died while they started, Piscina does not replace the second. */
  refill(): void {
    if (this.#isDestroyed) return
    this.#places.forEach(({ threads }, place) => {
      if (threads.length === 0) this.#places[place] = this.#create(place)
    })
  }

  /** Ends all threads, whatever they do. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true
    clearTimeout(this.#opening)
    await Promise.all(this.#places.map((piscina) => piscina.destroy()))
  }

  #open(): void {
    const place = this.#places.length
    this.#places.push(this.#create(place))
  }

  #create(place: number): Piscina {
    const piscina = new Piscina({
      filename: new URL('../../workers/entry.cjs', import.meta.url).href,
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // The default, 'sync', leaves idle workers in Atomics.wait, where no control call reaches them.
      atomics: 'async',
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
      env: threadEnvironment(),
    })
    piscina.on('error', this.#events.onError)
    piscina.on('message', ({ threadId, ports }: StartedMessage) => {
      const worker = piscina.threads.find((thread) => thread.threadId === threadId)
      if (worker === undefined) closePorts(ports)
      else this.#events.onStarted(place, worker, ports)
    })
    return piscina
  }
}

export function closePorts({ control, vms }: WorkerPorts): void {
  control.close()
  vms.close()
}
