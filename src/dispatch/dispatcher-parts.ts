// The parts of one dispatcher, made and connected; they are told of each other here and nowhere else.
//
// A part is made after those it is given; what comes back to an earlier one (a thread's end, a turn of main's loop) comes
// through a function, and not before this file is done: threads report no earlier than in the next turn of the event
// loop. The watchdog thread starts before the workers do.

import { availableParallelism } from 'node:os'
import { Doorbell } from '../shared/bells.js'
import { createImageArena } from '../shared/image-arena.js'
import { createSharedMemory, type SharedMemory } from '../shared/layout.js'
import { RunQueueWriter } from '../shared/run-queue.js'
import { Admission } from './admission.js'
import type { DispatcherConfig } from './contract.js'
import { CorePressure } from './core-pressure.js'
import { Drain } from './drain.js'
import { Feeder } from './feeder.js'
import { createMessageHandler } from './handlers.js'
import { type Image, Images } from './images.js'
import { LookAhead } from './look-ahead.js'
import { WorkerPool } from './pool.js'
import type { Run } from './run.js'
import { RunLedger } from './run-ledger.js'
import { RunSettler } from './run-settler.js'
import { RunStopper } from './run-stopper.js'
import { ThreadChanges } from './thread-changes.js'
import { Watchdog } from './watchdog.js'
import { WorkerSlots } from './worker-slots.js'

export interface DispatcherParts {
  readonly images: Images
  readonly ledger: RunLedger
  readonly admission: Admission
  readonly slots: WorkerSlots
  readonly watchdog: Watchdog
  readonly pool: WorkerPool
  readonly feeder: Feeder
  readonly settler: RunSettler
  readonly stopper: RunStopper
  readonly drain: Drain
  readonly threadChanges: ThreadChanges
  /** What workers count of their reads. */
  readonly readCounts: SharedArrayBuffer
}

/** What the parts leave to the dispatcher. */
export interface DispatcherDuties {
  /** After each turn of the drain; says whether runs are left. */
  readonly onTurn: () => boolean
  /** At each look of the watchdog; says whether runs are left. */
  readonly onLook: () => boolean
  /** Whether the engine ends. */
  readonly isClosing: () => boolean
  /** What a load of this image is to compile; undefined when it is not to, any more. */
  readonly sourceFor: (image: Image) => Uint8Array | undefined
}

export function createParts(config: DispatcherConfig, duties: DispatcherDuties): DispatcherParts {
  const { threads, spareThreads, niceIncrement, limits, store, cache, hookOffsets } = config
  const { onTurn, onLook, isClosing, sourceFor } = duties
  const memory = createMemory(config)
  const { control, readCounts } = memory
  const images = new Images(memory.images, limits.imageBytes, limits.evalScripts)
  const ledger = new RunLedger(config.prefixes, images)
  const runOf = (id: number): Run | undefined => ledger.get(id)
  const admission = new Admission(config.maxQueue, config.tenants)
  const queue = new RunQueueWriter(memory.runQueue)
  const lookAhead = new LookAhead(threads)
  const template = { ...limits, memory, cache, niceIncrement, hookOffsets }
  const slots = new WorkerSlots({ threads, spareThreads }, memory, template, {
    onBooting: (slot, ports) => threadChanges.onBooting(slot, ports),
    onReady: (slot, canBeArmed) => threadChanges.onReady(slot, canBeArmed),
    onGone: (slot) => threadChanges.onGone(slot),
    onFailed: (error) => threadChanges.onFailed(error),
  })
  const watchdog = new Watchdog({ control, slots, config, onLook })
  const pool = new WorkerPool(threads, {
    onStarted: (place, worker, ports) => slots.onStarted(place, worker, ports),
    onError: (error) => slots.onThreadError(error),
  })
  const feeder = new Feeder({ threads, admission, queue, lookAhead, slots: slots.all, pool, runOf })
  const settler = new RunSettler({ admission, queue, lookAhead, slots, feeder, ledger })
  const stopper = new RunStopper({
    admission,
    queue,
    ledger,
    feed: () => {
      feeder.feed()
      drain.wake()
    },
    interrupt: (run) => watchdog.interrupt(run.id, 'MOONPOOL_ABORTED'),
    reject: (run, error) => settler.reject(run, error),
  })
  const drain = new Drain(new Doorbell(new Int32Array(control)), slots.all, {
    onMessage: createMessageHandler({ store, images, onPrint: config.onPrint, ledger, settler, sourceFor }),
    onTurn,
    ...drainEvents(threads, feeder, lookAhead),
  })
  const threadChanges = new ThreadChanges({
    threads,
    queue,
    slots,
    drain,
    watchdog,
    feeder,
    ledger,
    settler,
    isClosing,
  })
  return {
    images,
    ledger,
    admission,
    slots,
    watchdog,
    pool,
    feeder,
    settler,
    stopper,
    drain,
    threadChanges,
    readCounts,
  }
}

function drainEvents(threads: number, feeder: Feeder, lookAhead: LookAhead) {
  const cores = availableParallelism()
  return {
    hasIdleWorker: () => feeder.hasIdleWorker(),
    afterTurn: () => feeder.endPhase(),
    onSleep: () => feeder.callForAll(),
    hasCoreToPoll: () => feeder.inSlowRuns < cores,
    runsAhead: () => feeder.runsAhead,
    runUs: () => lookAhead.runUs,
    hasOwnCore: cores > threads,
    pressure: new CorePressure(),
  }
}

function createMemory(config: DispatcherConfig): SharedMemory {
  return createSharedMemory(config.threads + config.spareThreads, {
    images: createImageArena(config.limits.imageBytes),
    view: config.store.view,
    prefixCells: config.prefixCells.buffer,
    clock: config.clockOrigin,
  })
}
