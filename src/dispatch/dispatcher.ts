// Scripts to threads and back: what the public face asks for, and what happens when threads come and go.
//
//   accepted ──▶ admission (fair, here) ──▶ run queue (shared) ──▶ a worker ──▶ outcome ──▶ settled
//                     ▲                          │
//                     └── its worker died before it began

import type { MoonpoolError, MoonpoolErrorCode } from '../errors.js'
import { SPARE_DELAY_MS } from '../limits.js'
import { Doorbell } from '../shared/bells.js'
import { createImageArena } from '../shared/image-arena.js'
import { createSharedMemory } from '../shared/layout.js'
import { operationName } from '../shared/operations.js'
import type { Outcome } from '../shared/outcome.js'
import { sumReadCounts } from '../shared/read-counts.js'
import { RunQueueWriter } from '../shared/run-queue.js'
import type { LuaValue } from '../shared/values.js'
import { AbortSignals } from './abort-signals.js'
import { Admission } from './admission.js'
import type * as contract from './contract.js'
import { Drain } from './drain.js'
import { Feeder } from './feeder.js'
import { createHandlers, type Handlers } from './handlers.js'
import { Images } from './images.js'
import { Intake } from './intake.js'
import { Loader } from './loader.js'
import { LookAhead } from './look-ahead.js'
import { WorkerPool } from './pool.js'
import type { Run, RunInput } from './run.js'
import { closedError, defectError, faultError, stoppedError } from './run-errors.js'
import { RunLedger } from './run-ledger.js'
import { RunStopper } from './run-stopper.js'
import { shutDown } from './shutdown.js'
import { Watchdog } from './watchdog.js'
import { type WorkerSlot, WorkerSlots } from './worker-slots.js'

/** Resolves when every thread has booted and tested itself; rejects with MOONPOOL_START, and nothing is left. */
export async function createDispatcher(config: contract.DispatcherConfig): Promise<contract.Dispatcher> {
  const dispatcher = new RunDispatcher(config)
  await dispatcher.start()
  return dispatcher
}

/** What tests look at, and break. The one door into a running dispatcher. */
export interface DispatcherParts {
  readonly slots: WorkerSlots
  readonly ledger: RunLedger
  readonly feeder: Feeder
  readonly admission: Admission
  readonly images: Images
  readonly pool: WorkerPool
  readonly watchdog: Watchdog
}

export function exposePartsForTests(dispatcher: contract.Dispatcher): DispatcherParts {
  if (!(dispatcher instanceof RunDispatcher)) throw new TypeError('not a dispatcher of this file')
  return dispatcher.parts
}

class RunDispatcher implements contract.Dispatcher {
  readonly #config: contract.DispatcherConfig
  readonly #images: Images
  readonly #ledger: RunLedger
  readonly #loader: Loader
  readonly #admission: Admission
  readonly #queue: RunQueueWriter
  readonly #lookAhead: LookAhead
  readonly #slots: WorkerSlots
  readonly #pool: WorkerPool
  readonly #feeder: Feeder
  readonly #drain: Drain
  readonly #watchdog: Watchdog
  readonly #handlers: Handlers
  readonly #readCounts: SharedArrayBuffer
  readonly #signals = new AbortSignals()
  readonly #stopper: RunStopper
  readonly #intake: Intake
  #failure: MoonpoolError | undefined
  #closing: Promise<void> | undefined
  #onStart: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(config: contract.DispatcherConfig) {
    const { threads, spareThreads, niceIncrement, limits, store, cache, prefixes } = config
    const arena = createImageArena(limits.imageBytes)
    const memory = createSharedMemory(threads + spareThreads, {
      images: arena,
      view: store.view,
      prefixCells: config.prefixCells.buffer,
      clock: config.clockOrigin,
    })
    this.#readCounts = memory.readCounts
    this.#config = config
    this.#images = new Images(arena, limits.imageBytes, limits.evalScripts)
    this.#ledger = new RunLedger(prefixes, this.#images)
    this.#loader = new Loader(this.#images, this.#signals, (input) => this.#intake.accept(input, undefined))
    this.#admission = new Admission(config.maxQueue, config.tenants)
    this.#queue = new RunQueueWriter(memory.runQueue)
    this.#lookAhead = new LookAhead(threads)
    const template = { ...limits, memory, cache, niceIncrement, hookOffsets: config.hookOffsets }
    this.#slots = new WorkerSlots({ threads, spareThreads }, memory, template, {
      onBooting: (slot, { vms }) => this.#watchdog.attach(slot, vms),
      onReady: (_, canBeArmed) => this.#onReady(canBeArmed),
      onGone: (slot) => this.#onGone(slot),
      onFailed: (error) => this.#onFailed(error),
    })
    this.#drain = new Drain(new Doorbell(new Int32Array(memory.control)), this.#slots.all, {
      onMessage: (slot) => this.#onMessage(slot),
      onTurn: () => this.#onTurn(),
      runsAhead: () => this.#feeder.runsAhead,
      onSleep: () => this.#feeder.callForAll(),
    })
    this.#watchdog = new Watchdog({
      control: memory.control,
      slots: this.#slots,
      config,
      onLook: () => this.#onLook(),
    })
    this.#handlers = createHandlers({
      store,
      images: this.#images,
      onPrint: config.onPrint,
      settle: (run, outcome) => this.#settle(run, outcome),
    })
    this.#pool = new WorkerPool(threads, {
      onStarted: (place, worker, ports) => this.#slots.onStarted(place, worker, ports),
      onError: (error) => this.#slots.onThreadError(error),
    })
    this.#feeder = new Feeder({
      threads,
      admission: this.#admission,
      queue: this.#queue,
      lookAhead: this.#lookAhead,
      slots: this.#slots.all,
      pool: this.#pool,
      runOf: (id) => this.#ledger.get(id),
    })
    this.#stopper = new RunStopper({
      admission: this.#admission,
      queue: this.#queue,
      feeder: this.#feeder,
      ledger: this.#ledger,
      interrupt: (run) => this.#watchdog.interrupt(run.id, 'MOONPOOL_ABORTED'),
      reject: (run, error) => this.#reject(run, error),
    })
    this.#intake = new Intake(limits.maxArgumentBytes, {
      ledger: this.#ledger,
      signals: this.#signals,
      stopper: this.#stopper,
      refusal: (input) => this.#refusal(input),
      admit: (run) => this.#admit(run),
    })
  }

  get parts(): DispatcherParts {
    return {
      slots: this.#slots,
      ledger: this.#ledger,
      feeder: this.#feeder,
      admission: this.#admission,
      images: this.#images,
      pool: this.#pool,
      watchdog: this.#watchdog,
    }
  }

  async start(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onStart = { resolve, reject }
      })
    } catch (error) {
      this.#slots.close()
      await this.#pool.destroy()
      await this.#watchdog.close()
      throw error
    }
    this.#slots.markStarted()
    this.#pool.openLater(this.#config.spareThreads, SPARE_DELAY_MS)
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
    const queued = this.#admission.size + this.#feeder.unclaimed
    return {
      threads: Math.min(this.#slots.readyCount, this.#config.threads),
      queued,
      running: Math.max(0, this.#ledger.size - queued),
      completed: this.#ledger.completed,
      failed: this.#ledger.failed,
      workerReads: sumReadCounts(this.#readCounts),
    }
  }

  close(graceMs: number): Promise<void> {
    this.#closing ??= shutDown(
      {
        ledger: this.#ledger,
        feeder: this.#feeder,
        stopper: this.#stopper,
        slots: this.#slots,
        pool: this.#pool,
        watchdog: this.#watchdog,
        drain: this.#drain,
        stopGraceMs: this.#config.limits.graceMs,
        rejectWaiting: (code) => this.#rejectWaiting(code),
      },
      graceMs,
    )
    return this.#closing
  }

  #admit(run: Run): void {
    this.#feeder.admit(run)
    this.#watchdog.start()
    this.#drain.wake()
  }

  #refusal({ tenant, hadTurn }: RunInput): MoonpoolError | undefined {
    if (this.#failure !== undefined) return this.#failure
    if (this.#closing !== undefined) return closedError()
    return hadTurn ? undefined : this.#feeder.refusal(tenant)
  }

  #onMessage(slot: WorkerSlot): void {
    const { operation, runId } = slot.outbox.ring
    const name = operationName(operation)
    const run = this.#ledger.get(runId)
    if (name === undefined || run === undefined) return
    try {
      this.#handlers[name](run, slot)
    } catch (error) {
      // The worker may wait for an answer that will not come.
      this.#slots.stop(slot, 'MOONPOOL_WORKER_LOST')
      this.#reject(run, defectError(run, error))
    }
  }

  #onTurn(): boolean {
    this.#feeder.feed()
    this.#feeder.reinforce()
    return this.#ledger.size > 0
  }

  #settle(run: Run, outcome: Outcome): void {
    this.#slots.noteLife()
    if (run.source === undefined) this.#lookAhead.noteDuration(outcome.durationUs)
    const { fault, values = [] } = outcome
    const error = fault === undefined ? run.verdict : faultError(run, fault)
    if (error !== undefined) {
      this.#reject(run, error)
      return
    }
    this.#feeder.noteEnded(run)
    this.#ledger.resolve(run, values)
  }

  #reject(run: Run, error: MoonpoolError): void {
    this.#feeder.noteEnded(run)
    this.#ledger.reject(run, error)
  }

  /** Replaces threads that are missing; false when no run is left to watch. */
  #onLook(): boolean {
    this.#stopper.retry()
    const isShort = this.#admission.size + this.#feeder.unclaimed > 0
    if (isShort && !this.#slots.isGivingUp) this.#feeder.repair()
    return this.#ledger.size > 0
  }

  #onReady(canBeArmed: boolean): void {
    if (!canBeArmed) this.#watchdog.giveUpArming('the hook cannot be armed')
    if (this.#slots.readyCount === this.#config.threads) this.#onStart?.resolve()
    this.#feeder.feed()
    this.#feeder.ensureDrained()
  }

  /** A thread is gone: what it appended counts, what it had not begun runs again, what it ran is rejected. */
  #onGone(slot: WorkerSlot): void {
    this.#watchdog.attach(slot)
    this.#drain.finish(slot)
    const unstarted = this.#queue.takeBack(slot.index)
    const lastId = slot.runWord.lastRunId()
    for (const runId of unstarted) {
      const run = this.#ledger.get(runId)
      if (run === undefined || (runId === lastId && slot.stopCode !== undefined)) continue
      if (run.verdict !== undefined || !this.#feeder.takeBack(run)) this.#stop(run, 'MOONPOOL_WORKER_LOST')
    }
    // Stopped on purpose, or begun: it does not run again.
    const isOver = slot.stopCode !== undefined || !unstarted.includes(lastId)
    const last = isOver ? this.#ledger.get(lastId) : undefined
    if (last !== undefined) this.#stop(last, slot.stopCode ?? 'MOONPOOL_WORKER_LOST')
    this.#feeder.feed()
    this.#feeder.ensureDrained()
    this.#drain.wake()
  }

  #stop(run: Run, code: MoonpoolErrorCode): void {
    this.#reject(run, run.verdict ?? stoppedError(run, code))
  }

  #onFailed(error: MoonpoolError): void {
    if (this.#failure !== undefined || this.#closing !== undefined) return
    this.#failure = error
    this.#onStart?.reject(error)
    this.#feeder.stop()
    this.#slots.close()
    for (const slot of this.#slots.all) this.#slots.stop(slot, 'MOONPOOL_WORKER_LOST')
    this.#rejectWaiting('MOONPOOL_WORKER_LOST')
  }

  /** Rejects every run that no worker has begun. */
  #rejectWaiting(code: MoonpoolErrorCode): void {
    for (const runId of this.#queue.takeUnclaimed()) {
      const run = this.#ledger.get(runId)
      if (run !== undefined) this.#stop(run, code)
    }
    for (const run of this.#admission.takeAll()) this.#stop(run, code)
  }
}
