// Gives expired memory back although nobody reads or writes: a timer that exists only while some entry has an expiry.
//
// Each turn removes one slice. Is there more, the next turn comes a millisecond later, by an unref'd timer as well: a
// chain of setImmediate would hold the process until the last slice. Not swept yet is not visible either, so all of this
// is about memory only.

const INTERVAL_MS = 1000
/** While an expired backlog lasts. */
const NEXT_SLICE_MS = 1
/** Below a millisecond of work. */
const SLICE_ENTRIES = 1024

/** What the sweeper needs of a store. */
export interface Sweepable {
  onExpiring: (() => void) | undefined
  readonly hasExpired: boolean
  readonly hasExpiring: boolean
  sweep(maxEntries: number): number
}

export interface SweepTimers {
  /** Calls back once; must not hold the process. Gives what `clear` takes. */
  set(callback: () => void, delayMs: number): unknown
  clear(timer: unknown): void
}

const UNREF_TIMERS: SweepTimers = {
  set: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

export class Sweeper {
  readonly #store: Sweepable
  readonly #timers: SweepTimers
  #timer: unknown
  #closed = false

  constructor(store: Sweepable, timers: SweepTimers = UNREF_TIMERS) {
    this.#store = store
    this.#timers = timers
    store.onExpiring = () => this.#arm(INTERVAL_MS)
    if (store.hasExpiring) this.#arm(INTERVAL_MS)
  }

  /** Stops for good; twice is fine. */
  close(): void {
    this.#closed = true
    this.#store.onExpiring = undefined
    if (this.#timer !== undefined) this.#timers.clear(this.#timer)
    this.#timer = undefined
  }

  #arm(delayMs: number): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#timer = this.#timers.set(() => this.#turn(), delayMs)
  }

  #turn(): void {
    this.#timer = undefined
    this.#store.sweep(SLICE_ENTRIES)
    if (this.#store.hasExpired) this.#arm(NEXT_SLICE_MS)
    else if (this.#store.hasExpiring) this.#arm(INTERVAL_MS)
  }
}
