// What a soak may leave behind: read at moments when no call is under way, so that most of it must be the same each time.

import { getEventListeners } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { collectDroppedMemory } from '../../../workers/vm/recycle.js'
import type { InspectedEngine } from '../inspected-engine.js'

const MIB = 2 ** 20
/** Linux shows them here; elsewhere they are not counted. */
const DESCRIPTORS = '/proc/self/fd'

interface Measure {
  readonly label: string
  /**
   * Flat is: over the second half of the soak the fitted line rises by no more than this. Counts may not rise at all;
   * memory goes up and down by so much with the moments at which it is collected.
   */
  readonly mayRise: number
}

/** By the name that samples have it under. */
export const MEASURES = {
  // A worker may hold its dropped VM of 24 MiB until the next collection, so one reading says little; the heap says more.
  residentMib: { label: 'resident memory, MiB', mayRise: 64 },
  heapMib: { label: 'heap of the main thread, MiB', mayRise: 1 },
  buffersMib: { label: 'buffers of the main thread, MiB', mayRise: 2 },
  vmMib: { label: 'VM memory of all workers, MiB', mayRise: 8 },
  tableLength: { label: 'longest function table', mayRise: 0 },
  handles: { label: 'handles', mayRise: 0 },
  descriptors: { label: 'file descriptors', mayRise: 0 },
  threads: { label: 'threads of the pool', mayRise: 0 },
  processListeners: { label: 'listeners on process', mayRise: 0 },
  signalListeners: { label: 'listeners on a shared signal', mayRise: 0 },
  workerListeners: { label: 'listeners on the workers', mayRise: 0 },
  images: { label: 'images', mayRise: 0 },
  imagePins: { label: 'pins of images', mayRise: 0 },
  imageKib: { label: 'image arena in use, KiB', mayRise: 64 },
  arenaKib: { label: 'image arena, KiB', mayRise: 512 },
  queuePlaces: { label: 'places in the run queue', mayRise: 0 },
  accepted: { label: 'runs accepted', mayRise: 0 },
  tenants: { label: 'tenants in admission', mayRise: 0 },
  prefixes: { label: 'prefixes', mayRise: 1000 },
  entries: { label: 'entries', mayRise: 40 },
} as const satisfies Record<string, Measure>

export type MeasureName = keyof typeof MEASURES
export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[]

export interface SoakSample extends Readonly<Record<MeasureName, number>> {
  /** Runs that had ended. */
  readonly runs: number
}

/** All threads must be ready, and no call under way. */
export async function takeSample(
  { engine, parts, config }: InspectedEngine,
  signal: AbortSignal,
  runs: number,
): Promise<SoakSample> {
  const { slots, images, feeder, ledger, admission, pool } = parts
  const workers = await Promise.all(slots.all.map((slot) => slots.report(slot)))
  const handles = process.getActiveResourcesInfo().filter(isLasting).length
  collectDroppedMemory()
  const memory = process.memoryUsage()
  const { pins, heldBytes, arenaBytes } = images.usage()
  return {
    runs,
    residentMib: memory.rss / MIB,
    heapMib: memory.heapUsed / MIB,
    buffersMib: memory.arrayBuffers / MIB,
    vmMib: sum(workers.map((report) => report?.vmBytes ?? 0)) / MIB,
    tableLength: Math.max(...workers.map((report) => report?.tableLength ?? 0)),
    handles,
    descriptors: existsSync(DESCRIPTORS) ? readdirSync(DESCRIPTORS).length : 0,
    threads: pool.size,
    processListeners: listenersOf(process),
    signalListeners: getEventListeners(signal, 'abort').length,
    workerListeners: sum(slots.all.map(({ worker }) => (worker === undefined ? 0 : listenersOf(worker)))),
    images: images.size,
    imagePins: pins,
    imageKib: heldBytes / 1024,
    arenaKib: arenaBytes / 1024,
    queuePlaces: feeder.sharedRuns,
    accepted: ledger.size,
    tenants: admission.tenants,
    prefixes: config.prefixes.size,
    entries: engine.stats().cache.entries,
  }
}

/** Timers and the like come and go with what was done last. */
function isLasting(resource: string): boolean {
  return !/^(?:Timeout|Immediate|TickObject)$|ReqWrap$/.test(resource)
}

function listenersOf(emitter: NodeJS.EventEmitter): number {
  return sum(emitter.eventNames().map((name) => emitter.listenerCount(name)))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
