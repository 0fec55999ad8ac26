// The shared words of the bare round trip, as Int32 indexes:
//
//   request   worker → main: counts round trips asked for; main sleeps on it
//   reply     main → worker: the last round trip answered; the worker sleeps on it
//   stop      1 from before the worker's last request on
//
// A trip is: the worker adds one to `request` and waits until `reply` is equal.

export const REQUEST = 0
export const REPLY = 1
export const STOP = 2
export const CELL_BYTES = 12

/** How both sides wait. The main thread can always be asked for something else, except when it is `blocked`. */
export interface Carrier {
  readonly name: string
  /** blocked: Atomics.wait. doorbell: Atomics.waitAsync. polling: setImmediate. */
  readonly main: 'blocked' | 'doorbell' | 'polling'
  /** The worker looks at `reply` for so long before it sleeps. */
  readonly workerSpinUs: number
}

/** What the worker is told to do, and what it says when it has done it. */
export interface TripOrder {
  readonly forMs: number
}

export interface TripReport {
  readonly trips: number
  readonly seconds: number
}
