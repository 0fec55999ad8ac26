// Readers on threads of their own against a store that overwrites, expires, evicts, deletes and frees all the time. Each
// value carries its prefix, its key and a checksum, so whatever is not exactly one value that was put is seen.

import { once } from 'node:events'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { type ClockOrigin, createClock, createClockOrigin } from '../../src/clock.js'
import { PrefixCells } from '../../src/shared/prefix-cells.js'
import type { ViewMemory } from '../../src/shared/view-layout.js'
import { type Prefix, Prefixes } from '../../src/store/prefixes.js'
import { Store } from '../../src/store/store.js'

/** What a reader thread is started with. */
export interface ReaderTask {
  readonly view: ViewMemory
  readonly origin: ClockOrigin
  readonly incarnations: readonly number[]
  readonly reads: number
  /** One i32 each: readers that are ready, and readers that are done. */
  readonly counters: SharedArrayBuffer
}

/** What a reader thread reports. */
export interface ReaderReport {
  readonly found: number
  readonly missing: number
  readonly asked: number
  /** Of those found: by the native finder. */
  readonly native: number
  /** What was wrong, the first few. */
  readonly wrong: readonly string[]
}

export interface TornReads {
  readonly puts: number
  readonly evictions: number
  readonly expirations: number
  readonly reports: readonly ReaderReport[]
}

export const KEYS = 600
/** Under the first prefix these keys are overwritten, never removed: a reader that misses one is wrong. */
export const STEADY_KEYS = 8
export const HEAD_BYTES = 12
const TENANTS = 3
const READY = 0
const DONE = 1
const SLICE_PUTS = 2000

/** Half the keys are short, half go beyond several words. */
export function keyOf(n: number): Uint8Array {
  return new Uint8Array(Buffer.from(`key:${n}`.padEnd(n % 2 === 0 ? 0 : n % 60, '.')))
}

/** Over everything behind the checksum itself. */
export function checksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0x811c9dc5
  for (let at = from + 4; at < to; at++) sum = Math.imul(sum ^ (bytes[at] as number), 0x01000193)
  return sum
}

/** u32 checksum, u32 incarnation, u32 number of the key, then bytes that differ from put to put. */
function fillValue(
  value: Uint8Array,
  view: DataView,
  size: number,
  incarnation: number,
  key: number,
  n: number,
): void {
  view.setUint32(4, incarnation)
  view.setUint32(8, key)
  for (let at = HEAD_BYTES; at < size; at++) value[at] = n + at
  view.setInt32(0, checksum(value, 0, size))
}

class Writer {
  readonly store: Store
  readonly prefixes: readonly Prefix[]
  readonly #clock
  readonly #keys = Array.from({ length: KEYS }, (_, n) => keyOf(n))
  readonly #value = new Uint8Array(3000)
  readonly #view = new DataView(this.#value.buffer)
  #n = 0

  constructor(origin: ClockOrigin) {
    this.#clock = createClock(origin)
    const prefixes = new Prefixes(new PrefixCells())
    this.prefixes = Array.from({ length: TENANTS }, (_, n) => prefixes.open(`tenant_${n}`))
    // Few stripes, full for the most part, and room for about half of what is put: all paths are busy all the time.
    const limits = { maxEntries: 700, maxBytes: 300_000, maxValueBytes: 4000, maxKeyBytes: 100 }
    this.store = new Store(limits, this.#clock, prefixes, { stripes: 16 })
    for (let key = 0; key < STEADY_KEYS; key++) this.#put(0, key, false)
  }

  step(): void {
    const n = this.#n++
    // Steady keys first: used so often, they are never the next to be evicted.
    if (n % 4 === 0) this.#put(0, (n >> 2) % STEADY_KEYS, false)
    const tenant = random(TENANTS)
    const key = tenant === 0 ? STEADY_KEYS + random(KEYS - STEADY_KEYS) : random(KEYS)
    const action = random(16)
    if (action === 0) this.store.delete(this.prefixes[tenant] as Prefix, this.#keys[key] as Uint8Array)
    else this.#put(tenant, key, action < 6)
  }

  #put(tenant: number, key: number, expires: boolean): void {
    const size = HEAD_BYTES + randomSize()
    const prefix = this.prefixes[tenant] as Prefix
    fillValue(this.#value, this.#view, size, prefix.incarnation, key, this.#n)
    const expiresAtMs = expires ? this.#clock.nowMs() + 1 + random(20) : Number.POSITIVE_INFINITY
    this.store.put(prefix, this.#keys[key] as Uint8Array, this.#value.subarray(0, size), expiresAtMs)
  }
}

/** A third of them of the same few lengths, which are written over one another. */
function randomSize(): number {
  const kind = random(12)
  if (kind === 0) return random(2900)
  return kind < 5 ? random(4) : random(120)
}

let state = 1
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) | 0
  return (state >>> 8) % below
}

/** Writes until every reader has done its reads. */
export async function tornReads(readers: number, readsEach: number, seed: number): Promise<TornReads> {
  state = seed
  const origin = createClockOrigin()
  const writer = new Writer(origin)
  const counters = new SharedArrayBuffer(8)
  const words = new Int32Array(counters)
  const task: ReaderTask = {
    view: writer.store.view,
    origin,
    incarnations: writer.prefixes.map(({ incarnation }) => incarnation),
    reads: readsEach,
    counters,
  }
  const threads = Array.from({ length: readers }, () => {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(new URL('./torn-reader.js', import.meta.url), {
      workerData: { task, port: port2 },
      transferList: [port2],
    })
    return { worker, port: port1, exit: once(worker, 'exit') }
  })
  await Promise.all(threads.map(({ worker }) => once(worker, 'message')))
  Atomics.store(words, READY, 1)
  Atomics.notify(words, READY)
  let puts = 0
  while (Atomics.load(words, DONE) < readers) {
    for (let n = 0; n < SLICE_PUTS; n++) writer.step()
    puts += SLICE_PUTS
    writer.store.sweep(50)
  }
  const reports = threads.map(({ port }) => receiveMessageOnPort(port)?.message as ReaderReport)
  for (const { port } of threads) port.close()
  await Promise.all(threads.map(({ exit }) => exit))
  const { evictions, expirations } = writer.store.statistics()
  return { puts, evictions, expirations, reports }
}
