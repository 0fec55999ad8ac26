// Scripts to threads and back: what the public face asks for, and what main does at each turn.
//
//   accepted ──▶ admission (fair, here) ──▶ run queue (shared) ──▶ a worker ──▶ outcome ──▶ settled
//                     ▲                          │
//                     └── its worker died before it began

import type { MoonpoolError } from '../errors.js'
import { SPARE_DELAY_MS } from '../limits.js'
import { sumReadCounts } from '../shared/read-counts.js'
import type { LuaValue } from '../shared/values.js'
import { AbortSignals } from './abort-signals.js'
import type * as contract from './contract.js'
import { createParts, type DispatcherParts } from './dispatcher-parts.js'
import { Intake } from './intake.js'
import { Loader } from './loader.js'
import type { Run, RunInput } from './run.js'
import { closedError } from './run-errors.js'
import { shutDown } from './shutdown.js'

/** Resolves when every thread has booted and tested itself; rejects with MOONPOOL_START, and nothing is left. */
export async function createDispatcher(config: contract.DispatcherConfig): Promise<contract.Dispatcher> {
  const dispatcher = new RunDispatcher(config)
  await dispatcher.start()
  return dispatcher
}

/** What tests look at, and break. The one door into a running dispatcher. */
export function exposePartsForTests(dispatcher: contract.Dispatcher): DispatcherParts {
  if (!(dispatcher instanceof RunDispatcher)) throw new TypeError('not a dispatcher of this file')
  return dispatcher.parts
}

class RunDispatcher implements contract.Dispatcher {
  readonly parts: DispatcherParts
  readonly #config: contract.DispatcherConfig
  readonly #loader: Loader
  readonly #intake: Intake
  #closing: Promise<void> | undefined

  constructor(config: contract.DispatcherConfig) {
    this.#config = config
    this.parts = createParts(config, {
      onTurn: () => this.#onTurn(),
      onLook: () => this.#onLook(),
      isClosing: () => this.#closing !== undefined,
      sourceFor: (image) => this.#loader.sourceFor(image),
    })
    const { images, ledger, stopper } = this.parts
    const signals = new AbortSignals()
    this.#intake = new Intake(config.limits.maxArgumentBytes, {
      ledger,
      signals,
      stopper,
      refusal: (input) => this.#refusal(input),
      admit: (run) => this.#admit(run),
    })
    this.#loader = new Loader(images, signals, (input) => this.#intake.accept(input, undefined))
  }

  async start(): Promise<void> {
    const { threadChanges, slots, pool, watchdog } = this.parts
    try {
      await threadChanges.untilStarted()
    } catch (error) {
      slots.close()
      await pool.destroy()
      await watchdog.close()
      throw error
    }
    slots.markStarted()
    pool.openLater(this.#config.spareThreads, SPARE_DELAY_MS)
  }

  run(request: contract.RunRequest): Promise<LuaValue[]> {
    return this.#intake.run(request)
  }

  load(request: contract.LoadRequest): Promise<contract.ImageRef> {
    return this.#loader.load(request)
  }

  find(digest: string, name: string, kind: contract.ImageKind): contract.ImageRef | undefined {
    return this.#loader.find(digest, name, kind)
  }

  release(image: contract.ImageRef): void {
    this.#loader.release(image)
  }

  statistics(): contract.DispatcherStatistics {
    const { admission, feeder, slots, ledger, readCounts } = this.parts
    const queued = admission.size + feeder.unclaimed
    return {
      threads: Math.min(slots.readyCount, this.#config.threads),
      queued,
      running: Math.max(0, ledger.size - queued),
      completed: ledger.completed,
      failed: ledger.failed,
      workerReads: sumReadCounts(readCounts),
    }
  }

  close(graceMs: number): Promise<void> {
    this.#closing ??= shutDown({ ...this.parts, stopGraceMs: this.#config.limits.graceMs }, graceMs)
    return this.#closing
  }

  #refusal({ tenant, hadTurn }: RunInput): MoonpoolError | undefined {
    const { threadChanges, feeder } = this.parts
    if (threadChanges.failure !== undefined) return threadChanges.failure
    if (this.#closing !== undefined) return closedError()
    return hadTurn ? undefined : feeder.refusal(tenant)
  }

  #admit(run: Run): void {
    const { feeder, watchdog, drain } = this.parts
    feeder.admit(run)
    watchdog.start()
    drain.wake()
  }

  #onTurn(): boolean {
    const { feeder, ledger } = this.parts
    feeder.feed()
    feeder.reinforce()
    return ledger.size > 0
  }

  /** Replaces threads that are missing; false when no run is left to watch. */
  #onLook(): boolean {
    const { stopper, admission, feeder, slots, ledger } = this.parts
    stopper.retry()
    const isShort = admission.size + feeder.unclaimed > 0
    if (isShort && !slots.isGivingUp) feeder.repair()
    return ledger.size > 0
  }
}
