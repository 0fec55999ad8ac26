// Main's stores into the view, one by one, to be carried out between any two loads of a reader.
//
// A writer is run over windows that note each store. The notes are then repeated on a copy of the memory as it was
// before, while a reader goes through windows that call back before each load. No thread takes part: every interleaving
// that is tried can be tried again.

import { StripeSequences } from '../../src/shared/stripe-sequences.js'
import { openView, type View, type ViewMemory } from '../../src/shared/view-layout.js'

type Window = 'heads' | 'slots' | 'deadlines' | 'arenaWords' | 'arenaBytes'
type Numbers = Int32Array | Uint8Array | Float64Array

export interface Store {
  readonly window: Window
  readonly index: number
  readonly value: number
}

function headsOf({ buffer, stripes }: ViewMemory): Int32Array {
  return new Int32Array(buffer, 0, stripes * 2)
}

class NotingSequences extends StripeSequences {
  readonly #heads: Int32Array
  readonly #notes: Store[]

  constructor(heads: Int32Array, notes: Store[]) {
    super(heads)
    this.#heads = heads
    this.#notes = notes
  }

  override begin(stripe: number): void {
    super.begin(stripe)
    this.#note(stripe * 2)
  }

  override end(stripe: number): void {
    super.end(stripe)
    this.#note(stripe * 2)
  }

  override setOverflow(stripe: number, entries: number): void {
    super.setOverflow(stripe, entries)
    this.#note(stripe * 2 + 1)
  }

  #note(index: number): void {
    this.#notes.push({ window: 'heads', index, value: this.#heads[index] as number })
  }
}

/** A typed array that tells of each store, before it is done, and of each load. */
function watched<T extends Numbers>(
  target: T,
  on: { load?(): void; store?(index: number, value: number): void },
): T {
  return new Proxy(target, {
    get(_, property) {
      if (property === 'set') {
        return (source: ArrayLike<number>, offset: number) => {
          for (let n = 0; n < source.length; n++) {
            on.store?.(offset + n, source[n] as number)
            target[offset + n] = source[n] as number
          }
        }
      }
      if (typeof property === 'string' && property !== 'length') on.load?.()
      return Reflect.get(target, property, target)
    },
    set(_, property, value: number) {
      on.store?.(Number(property), value)
      return Reflect.set(target, property, value, target)
    },
  })
}

/** Windows for a writer; each store goes to `notes`, too. */
export function notingView(memory: ViewMemory, notes: Store[]): View {
  const view = openView(memory)
  const noting = <T extends Numbers>(window: Window, target: T): T =>
    watched(target, { store: (index, value) => notes.push({ window, index, value }) })
  return {
    ...view,
    sequences: new NotingSequences(headsOf(memory), notes),
    slots: noting('slots', view.slots),
    deadlines: noting('deadlines', view.deadlines),
    arenaWords: noting('arenaWords', view.arenaWords),
    arenaBytes: noting('arenaBytes', view.arenaBytes),
  }
}

class WatchedSequences extends StripeSequences {
  readonly #onLoad: () => void

  constructor(heads: Int32Array, onLoad: () => void) {
    super(heads)
    this.#onLoad = onLoad
  }

  override read(stripe: number): number {
    this.#onLoad()
    return super.read(stripe)
  }

  override isStill(stripe: number, sequence: number): boolean {
    this.#onLoad()
    return super.isStill(stripe, sequence)
  }

  override overflow(stripe: number): number {
    this.#onLoad()
    return super.overflow(stripe)
  }
}

/** Windows for a reader; `onLoad` is called before each load. */
export function watchedView(memory: ViewMemory, onLoad: () => void): View {
  const view = openView(memory)
  const on = { load: onLoad }
  return {
    ...view,
    sequences: new WatchedSequences(headsOf(memory), onLoad),
    slots: watched(view.slots, on),
    deadlines: watched(view.deadlines, on),
    arenaWords: watched(view.arenaWords, on),
    arenaBytes: watched(view.arenaBytes, on),
  }
}

/** The memory as it is now. */
export function snapshot(memory: ViewMemory): ViewMemory {
  const pages = memory.buffer.byteLength / 65_536
  const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  new Uint8Array(wasm.buffer).set(new Uint8Array(memory.buffer))
  return { ...memory, buffer: wasm.buffer, wasm }
}

/** Carries noted stores out, on a memory that can be put back to where it started. */
export class Replay {
  readonly memory: ViewMemory
  readonly stores: readonly Store[]
  readonly #before: ViewMemory
  readonly #windows: Record<Window, Numbers>
  #done = 0

  constructor(before: ViewMemory, stores: readonly Store[]) {
    this.#before = before
    this.memory = snapshot(before)
    this.stores = stores
    const { slots, deadlines, arenaWords, arenaBytes } = openView(this.memory)
    this.#windows = { heads: headsOf(this.memory), slots, deadlines, arenaWords, arenaBytes }
  }

  reset(): void {
    new Uint8Array(this.memory.buffer).set(new Uint8Array(this.#before.buffer))
    this.#done = 0
  }

  /** Carries out the next `count` stores, or all that are left. */
  advance(count: number): void {
    const end = Math.min(this.stores.length, this.#done + count)
    for (; this.#done < end; this.#done++) {
      const { window, index, value } = this.stores[this.#done] as Store
      this.#windows[window][index] = value
    }
  }
}
