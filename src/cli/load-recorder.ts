// What a load test reads off while it goes on: latencies from the moment a run was due, the event loop's delay, and
// both again in slices of time for the pictures.

import {
  createHistogram,
  type IntervalHistogram,
  monitorEventLoopDelay,
  type RecordableHistogram,
} from 'node:perf_hooks'
import { Latencies, NS_PER_MS, type Percentiles, percentilesOf } from './latencies.js'

/** How often the event loop's delay is probed, in ms; a probe in time reads this much, which is taken off again. */
const PROBE_MS = 5
/** Slices of a picture, and the shortest one. */
const SLICES = 120
const MIN_SLICE_MS = 100

/** A stretch of the test. Rates are per second; 0 ms where nothing ended. */
export interface Slice {
  /** Its end, in seconds from the start. */
  readonly atSeconds: number
  readonly arrivalsPerSecond: number
  readonly completedPerSecond: number
  readonly failedPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly loopDelayP99Ms: number
  readonly loopDelayMaxMs: number
}

export interface Recording {
  readonly seconds: number
  readonly arrivals: number
  readonly completed: number
  readonly failed: number
  /** Neither completed nor failed when the test ended. */
  readonly unfinished: number
  readonly failures: ReadonlyMap<string, number>
  /** From when each run was due to its end; completed runs only. */
  readonly latencies: Latencies
  /** From when it was begun: what a closed loop would report. */
  readonly service: Latencies
  /** How late runs were begun. */
  readonly lateness: Latencies
  readonly loopDelay: Percentiles
  readonly slices: readonly Slice[]
}

interface Counts {
  arrivals: number
  completed: number
  failed: number
}

const noCounts = (): Counts => ({ arrivals: 0, completed: 0, failed: 0 })

export class LoadRecorder {
  readonly #latencies = new Latencies()
  readonly #service = new Latencies()
  readonly #lateness = new Latencies()
  readonly #failures = new Map<string, number>()
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: PROBE_MS })
  readonly #sliceLoop: IntervalHistogram = monitorEventLoopDelay({ resolution: PROBE_MS })
  /** Reused by every slice: a histogram of its own for each would take megabytes. */
  readonly #sliceLatencies: RecordableHistogram = createHistogram()
  readonly #slices: Slice[] = []
  readonly #startMs = performance.now()
  readonly #timer: NodeJS.Timeout
  #total = noCounts()
  #slice = noCounts()
  #sliceStartMs = this.#startMs

  constructor(durationMs: number) {
    this.#loop.enable()
    this.#sliceLoop.enable()
    this.#timer = setInterval(() => this.#endSlice(), Math.max(MIN_SLICE_MS, durationMs / SLICES))
    this.#timer.unref()
  }

  get unfinished(): number {
    return this.#total.arrivals - this.#total.completed - this.#total.failed
  }

  began(dueMs: number, nowMs: number): void {
    this.#count('arrivals')
    this.#lateness.record(nowMs - dueMs)
  }

  completed(dueMs: number, begunMs: number): void {
    const nowMs = performance.now()
    this.#count('completed')
    this.#latencies.record(nowMs - dueMs)
    this.#service.record(nowMs - begunMs)
    this.#sliceLatencies.record(Math.max(1, Math.round((nowMs - dueMs) * NS_PER_MS)))
  }

  failed(code: string): void {
    this.#count('failed')
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1)
  }

  /** Ends the recording; what comes later is not counted. */
  end(): Recording {
    clearInterval(this.#timer)
    this.#endSlice()
    this.#loop.disable()
    this.#sliceLoop.disable()
    return {
      seconds: (performance.now() - this.#startMs) / 1000,
      ...this.#total,
      unfinished: this.unfinished,
      failures: new Map(this.#failures),
      latencies: this.#latencies,
      service: this.#service,
      lateness: this.#lateness,
      loopDelay: percentilesOf(this.#loop, PROBE_MS),
      slices: this.#slices,
    }
  }

  #count(what: keyof Counts): void {
    this.#total[what]++
    this.#slice[what]++
  }

  #endSlice(): void {
    const nowMs = performance.now()
    const seconds = (nowMs - this.#sliceStartMs) / 1000
    const { arrivals, completed, failed } = this.#slice
    const latency = percentilesOf(this.#sliceLatencies)
    const delay = percentilesOf(this.#sliceLoop, PROBE_MS)
    this.#slices.push({
      atSeconds: (nowMs - this.#startMs) / 1000,
      arrivalsPerSecond: arrivals / seconds,
      completedPerSecond: completed / seconds,
      failedPerSecond: failed / seconds,
      p50Ms: latency.p50Ms,
      p99Ms: latency.p99Ms,
      maxMs: latency.maxMs,
      loopDelayP99Ms: delay.p99Ms,
      loopDelayMaxMs: delay.maxMs,
    })
    this.#slice = noCounts()
    this.#sliceStartMs = nowMs
    this.#sliceLatencies.reset()
    this.#sliceLoop.reset()
  }
}
