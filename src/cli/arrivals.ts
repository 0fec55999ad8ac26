// Open-loop arrivals: runs are due at a fixed rate, evenly spaced, whether earlier ones have ended or not. Each arrival
// knows when it was due, so that a generator or a server that falls behind shows in the latencies instead of hiding in
// fewer arrivals (coordinated omission).

export interface Pace {
  /** Monotonic. */
  nowMs(): number
  /** Calls `then` after about that long, never at once; returns how to call it off. */
  wait(ms: number, then: () => void): () => void
}

/** Timers are good to a millisecond, so the last one before an arrival is left to the event loop's own turns. */
const TIMER_MS = 2
/** So many overdue arrivals at a time; then what else waits has its turn. */
const MAX_BURST = 256

export const realPace: Pace = {
  nowMs: () => performance.now(),
  wait(ms, then) {
    if (ms < TIMER_MS) {
      const immediate = setImmediate(then)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(then, ms - 1)
    return () => clearTimeout(timer)
  },
}

export interface OpenLoop {
  readonly ratePerSecond: number
  readonly durationMs: number
  readonly pace: Pace
  /** Ends the arrivals early. */
  readonly signal: AbortSignal
  /** Must not throw. */
  readonly onArrival: (dueMs: number, nowMs: number) => void
}

/** Resolves after the last arrival. At least one arrives. */
export function arrive({ ratePerSecond, durationMs, pace, signal, onArrival }: OpenLoop): Promise<void> {
  const total = Math.max(1, Math.round((ratePerSecond * durationMs) / 1000))
  const startMs = pace.nowMs()
  const dueMs = (arrival: number): number => startMs + (arrival * 1000) / ratePerSecond
  let next = 0
  return new Promise((resolve) => {
    let callOff = (): void => {}
    const end = (): void => {
      callOff()
      resolve()
    }
    const turn = (): void => {
      const nowMs = pace.nowMs()
      const last = Math.min(total, next + MAX_BURST)
      for (; next < last && dueMs(next) <= nowMs; next++) onArrival(dueMs(next), nowMs)
      if (next === total) end()
      else callOff = pace.wait(dueMs(next) - pace.nowMs(), turn)
    }
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    else turn()
  })
}
