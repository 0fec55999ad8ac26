// Each worker's place in the engine: which thread has it, what main shares with it, and how it comes and goes.
//
//   EMPTY ──a thread started──▶ BOOTING ──it booted and tested itself──▶ READY ──it exited──▶ EMPTY
//                                                                          └──it failed──▶ FAILED ──it exited──▶ EMPTY
//
// The first thread of an engine boots alone: it compiles Lua and builds the base image, which the others reuse. A thread
// whose slot is not empty (its predecessor's exit has not arrived yet) waits for that.
// Main touches the slot's shared memory again only after the thread's exit event: until then it may still write.
//
// There are slots for more threads than work at a time: the spare ones are booted and have no drain task (feeder.ts).
// Which thread is the spare one is nowhere written down: when a thread dies, one that is idle works in its stead, and
// its replacement is idle.

import type { Worker } from 'node:worker_threads'
import { createError, type MoonpoolError, type MoonpoolErrorCode } from '../errors.js'
import { BOOT_TIMEOUT_MS, DEATHS_BEFORE_BACK_OFF, MAX_BACK_OFF_MS, MAX_FAILED_BOOTS } from '../limits.js'
import { Bell } from '../shared/bells.js'
import type { BootReport, BootRequest, WorkerReport } from '../shared/boot.js'
import type { SharedMemory } from '../shared/layout.js'
import { MessageReader } from '../shared/messages.js'
import { ReplyWriter } from '../shared/replies.js'
import { RingReader, resetRing } from '../shared/ring.js'
import { RunWord } from '../shared/run-word.js'
import { type ControlLink, connectControl } from './control.js'
import { closePorts, type WorkerPorts } from './pool.js'

export interface WorkerSlot {
  readonly index: number
  readonly bell: Bell
  readonly runWord: RunWord
  outbox: MessageReader
  replies: ReplyWriter
  state: 'empty' | 'booting' | 'ready' | 'failed'
  worker: Worker | undefined
  control: ControlLink | undefined
  /** Rejects when the thread exits. */
  lost: Promise<never> | undefined
  /** Why main stopped the thread, if it did: what its run is rejected with. */
  stopCode: MoonpoolErrorCode | undefined
  /** While the thread has one; made and ended by the feeder. */
  drainTask: Promise<void> | undefined
  /** Drain tasks that this thread has had. */
  drainCount: number
}

/** How many threads there are to be. */
export interface Crew {
  /** That work at the same time. */
  readonly threads: number
  /** Booted beside them. */
  readonly spareThreads: number
}

export interface SlotEvents {
  /** A thread has this slot and is about to boot. */
  readonly onBooting: (slot: WorkerSlot, ports: WorkerPorts) => void
  readonly onReady: (slot: WorkerSlot, canBeArmed: boolean) => void
  /** The thread is gone; its slot is emptied when this returns. */
  readonly onGone: (slot: WorkerSlot) => void
  /** Threads fail to start again and again: nothing will run any more. */
  readonly onFailed: (error: MoonpoolError) => void
}

/** A boot request without what differs between workers. */
export type BootTemplate = Omit<BootRequest, 'worker' | 'lua'>

interface Arrival {
  readonly place: number
  readonly worker: Worker
  readonly ports: WorkerPorts
}

export class WorkerSlots {
  readonly all: readonly WorkerSlot[]
  readonly #threads: number
  readonly #memory: SharedMemory
  readonly #template: BootTemplate
  readonly #events: SlotEvents
  readonly #arrivals: Arrival[] = []
  #lua: object | undefined
  /** Threads that could not start, since the last one that could. */
  #failedBoots = 0
  /** Threads that died while they worked, since the last run that ended. */
  #losses = 0
  #hasStarted = false
  #isClosed = false

  constructor(
    { threads, spareThreads }: Crew,
    memory: SharedMemory,
    template: BootTemplate,
    events: SlotEvents,
  ) {
    const control = new Int32Array(memory.control)
    this.#threads = threads
    this.all = Array.from({ length: threads + spareThreads }, (_, index) => {
      const bell = new Bell(control, index)
      const ends = openRings(memory, index, bell)
      return {
        index,
        bell,
        runWord: new RunWord(control, index),
        ...ends,
        state: 'empty',
        worker: undefined,
        control: undefined,
        lost: undefined,
        stopCode: undefined,
        drainTask: undefined,
        drainCount: 0,
      }
    })
    this.#memory = memory
    this.#template = template
    this.#events = events
  }

  get readyCount(): number {
    return this.all.filter((slot) => slot.state === 'ready').length
  }

  /** Threads have failed to start in a row, and others work: one more try would only take time from those. */
  get isGivingUp(): boolean {
    return this.#failedBoots >= MAX_FAILED_BOOTS && this.readyCount >= this.#threads
  }

  /** From now on a thread's death is repaired; before, it fails the start. */
  markStarted(): void {
    this.#hasStarted = true
  }

  /** A run has ended: the threads work. */
  noteLife(): void {
    this.#losses = 0
  }

  close(): void {
    this.#isClosed = true
    for (const { ports } of this.#arrivals.splice(0)) closePorts(ports)
  }

  onStarted(place: number, worker: Worker, ports: WorkerPorts): void {
    if (this.#isClosed) {
      closePorts(ports)
      return
    }
    const arrival = { place, worker, ports }
    this.#arrivals.push(arrival)
    worker.once('exit', () => {
      const at = this.#arrivals.indexOf(arrival)
      if (at >= 0) this.#arrivals.splice(at, 1)
    })
    this.#bootNext()
  }

  /** A thread ended before it had a slot, or Piscina could not start one at all. */
  onThreadError(error: Error): void {
    this.#noteFailedBoot(createError('MOONPOOL_START', `a thread failed: ${error.message}`, { cause: error }))
  }

  /** Ends a slot's thread; its run is rejected with this code. */
  stop(slot: WorkerSlot, code: MoonpoolErrorCode): void {
    if (slot.worker === undefined) return
    slot.stopCode = code
    slot.worker.terminate().catch(() => {})
  }

  /** Asks a worker about itself, as soon as it is between two runs. Undefined when there is no thread. */
  async report(slot: WorkerSlot): Promise<WorkerReport | undefined> {
    if (slot.control === undefined || slot.lost === undefined) return undefined
    slot.bell.askToLeave(true)
    try {
      return await Promise.race([slot.control.report(), slot.lost])
    } finally {
      slot.bell.askToLeave(false)
    }
  }

  #bootNext(): void {
    const isFirstBooting = this.#lua === undefined && this.all.some((slot) => slot.state === 'booting')
    if (isFirstBooting || this.isGivingUp) return
    const next = this.#arrivals.findIndex(({ place }) => this.all[place]?.state === 'empty')
    const [arrival] = next < 0 ? [] : this.#arrivals.splice(next, 1)
    const slot = arrival && this.all[arrival.place]
    if (arrival === undefined || slot === undefined) return
    slot.state = 'booting'
    slot.worker = arrival.worker
    slot.stopCode = undefined
    this.#boot(slot, arrival).catch((error: Error) => this.#events.onFailed(startError(error)))
    this.#bootNext()
  }

  async #boot(slot: WorkerSlot, { worker, ports }: Arrival): Promise<void> {
    const control = connectControl(ports.control)
    this.#events.onBooting(slot, ports)
    let lose: (error: Error) => void = () => {}
    const lost = new Promise<never>((_, reject) => {
      lose = reject
    })
    lost.catch(() => {})
    slot.control = control
    slot.lost = lost
    worker.once('error', () => {
      if (slot.state === 'ready') slot.state = 'failed'
    })
    worker.once('exit', (exitCode) => {
      lose(new Error(`the thread exited with code ${exitCode}`))
      control.close()
      this.#onExit(slot)
    })
    let timer: NodeJS.Timeout | undefined
    try {
      await this.#backOff()
      timer = setTimeout(() => lose(new Error(`no answer in ${BOOT_TIMEOUT_MS} ms`)), BOOT_TIMEOUT_MS)
      const request = { ...this.#template, worker: slot.index, lua: this.#lua }
      this.#onBooted(slot, await Promise.race([control.boot(request), lost]))
    } catch (error) {
      this.#noteFailedBoot(startError(error as Error))
      await worker.terminate()
    } finally {
      clearTimeout(timer)
    }
  }

  #onBooted(slot: WorkerSlot, report: BootReport): void {
    if (!report.isReady) throw Object.assign(new Error(report.message), { stack: report.stack })
    this.#lua = report.lua
    this.#failedBoots = 0
    slot.state = 'ready'
    this.#events.onReady(slot, report.canBeArmed)
    this.#bootNext()
  }

  /** Threads that die again and again are not replaced as fast as they die. */
  async #backOff(): Promise<void> {
    const deaths = this.#failedBoots + this.#losses
    if (deaths <= DEATHS_BEFORE_BACK_OFF) return
    const delayMs = Math.min(10 * 2 ** (deaths - DEATHS_BEFORE_BACK_OFF), MAX_BACK_OFF_MS)
    await new Promise((resolve) => setTimeout(resolve, delayMs))
  }

  #onExit(slot: WorkerSlot): void {
    const hadBooted = slot.state !== 'booting'
    // First: who died while it waited for a run would be called for those that come back.
    slot.bell.reset()
    this.#events.onGone(slot)
    resetRing(this.#memory.outboxes[slot.index] as SharedArrayBuffer)
    resetRing(this.#memory.replies[slot.index] as SharedArrayBuffer)
    slot.runWord.reset()
    Object.assign(slot, openRings(this.#memory, slot.index, slot.bell))
    slot.state = 'empty'
    slot.worker = undefined
    slot.control = undefined
    slot.lost = undefined
    slot.drainTask = undefined
    slot.drainCount = 0
    if (hadBooted && slot.stopCode === undefined) this.#losses++
    if (!this.#isClosed) this.#bootNext()
  }

  #noteFailedBoot(error: MoonpoolError): void {
    if (this.#isClosed) return
    this.#failedBoots++
    const isHopeless = this.#failedBoots >= MAX_FAILED_BOOTS
    if (!this.#hasStarted || (isHopeless && this.readyCount === 0)) this.#events.onFailed(error)
    else if (this.#failedBoots === MAX_FAILED_BOOTS) this.#warn(error)
  }

  #warn({ message }: MoonpoolError): void {
    process.emitWarning(
      `moonpool: threads fail to start again and again (${message}): the engine works on with ${this.readyCount}`,
      { type: 'MoonpoolWarning', code: 'MOONPOOL_THREAD_MISSING' },
    )
  }
}

function openRings(
  memory: SharedMemory,
  index: number,
  bell: Bell,
): { outbox: MessageReader; replies: ReplyWriter } {
  const outbox = memory.outboxes[index] as SharedArrayBuffer
  const replies = memory.replies[index] as SharedArrayBuffer
  return { outbox: new MessageReader(new RingReader(outbox)), replies: new ReplyWriter(replies, bell) }
}

function startError(cause: Error): MoonpoolError {
  return createError('MOONPOOL_START', `a worker thread could not start: ${cause.message}`, { cause })
}
