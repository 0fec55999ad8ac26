// Ends runs that must not go on, in two stages, whatever the reason:
//
//   soft   the watchdog thread stops the run inside its VM; thread and VM stay. At a deadline it does so by itself, for
//          any other reason main dooms the run and rings it.
//   hard   main ends the thread of a run that is still there after the grace time: it is inside one long C function,
//          which no hook can interrupt. This stage needs the main thread: while that is blocked, such runs go on.
//
// Where the hook cannot be armed there is no soft stage: the grace time is zero. Nor is there one any more when the
// watchdog thread is gone. It is not replaced: it has no work that may fail, so what ended it would end the next one.
//
// Main looks only while runs are active. Its timer is what keeps the process alive for them: a promise of
// Atomics.waitAsync does not.

import type { MessagePort } from 'node:worker_threads'
import type { MoonpoolErrorCode } from '../errors.js'
import { KILL_POLL_MS } from '../limits.js'
import type { DispatcherConfig } from './contract.js'
import { WatchdogThread } from './watchdog-thread.js'
import type { WorkerSlot, WorkerSlots } from './worker-slots.js'

export interface WatchdogParts {
  readonly control: SharedArrayBuffer
  readonly slots: WorkerSlots
  readonly config: Pick<DispatcherConfig, 'clock' | 'clockOrigin' | 'limits'>
  /** At each look: says whether any run is still active. */
  readonly onLook: () => boolean
}

/** A run that main has doomed. */
interface Doomed {
  readonly slot: WorkerSlot
  readonly runId: number
  readonly code: MoonpoolErrorCode
  readonly untilMs: number
}

export class Watchdog {
  readonly #parts: WatchdogParts
  readonly thread: WatchdogThread
  #timer: NodeJS.Timeout | undefined
  #doomed: Doomed[] = []
  #canArm = true

  constructor(parts: WatchdogParts) {
    const { control, slots, config } = parts
    const data = { control, clock: config.clockOrigin, threads: slots.all.length }
    this.#parts = parts
    this.thread = new WatchdogThread(data, (why) => this.giveUpArming(why))
  }

  /** A thread has this slot from now on, and posts its VMs to that port; or, without a port, none has. */
  attach(slot: WorkerSlot, vms?: MessagePort): void {
    // Without a reader, VMs would pile up in the port.
    if (this.#canArm) this.thread.attach(slot.index, vms)
    else vms?.close()
  }

  /** Runs are active from now on. */
  start(): void {
    this.#timer ??= setInterval(() => this.#look(), KILL_POLL_MS)
  }

  async close(): Promise<void> {
    this.#stop()
    await this.thread.close()
  }

  /** Stops this run if a worker is in it; false when none is. `code` is what it is rejected with. */
  interrupt(runId: number, code: MoonpoolErrorCode): boolean {
    const { slots } = this.#parts
    const slot = slots.all.find(({ state, runWord }) => state === 'ready' && runWord.doom(runId))
    if (slot === undefined) return false
    this.#doomed.push({ slot, runId, code, untilMs: this.#nowMs() + this.#graceMs })
    if (this.#canArm) this.thread.ring()
    else this.#killDoomed(Number.POSITIVE_INFINITY)
    return true
  }

  /** From now on runs are stopped by ending their threads; said once. */
  giveUpArming(why: string): void {
    if (!this.#canArm) return
    this.#canArm = false
    this.thread.turnOff()
    // Nobody else would stop them. Those past their deadline follow at the next look.
    this.#killDoomed(Number.POSITIVE_INFINITY)
    process.emitWarning(
      `moonpool: runs cannot be stopped inside their VM (${why}): each run past its deadline costs its thread`,
      { type: 'MoonpoolWarning', code: 'MOONPOOL_NO_SOFT_STOP' },
    )
  }

  get #graceMs(): number {
    return this.#canArm ? this.#parts.config.limits.graceMs : 0
  }

  #nowMs(): number {
    return this.#parts.config.clock.monotonicMs()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const { slots, onLook } = this.#parts
    const nowMs = this.#nowMs()
    for (const slot of slots.all) {
      if (slot.state === 'ready' && slot.runWord.killOverdue(nowMs, this.#graceMs) > 0) {
        slots.stop(slot, 'MOONPOOL_TIMEOUT')
      }
    }
    if (this.#doomed.length > 0) this.#killDoomed(nowMs)
    if (!onLook()) this.#stop()
  }

  #killDoomed(nowMs: number): void {
    const due = this.#doomed.filter(({ untilMs }) => untilMs <= nowMs)
    this.#doomed = this.#doomed.filter(({ untilMs }) => untilMs > nowMs)
    for (const { slot, runId, code } of due)
      if (slot.runWord.killRun(runId)) this.#parts.slots.stop(slot, code)
  }
}
