// Whether there are fewer cores than threads that want one: then a thread that spins takes a core from the one it waits for.
//
// The system counts how often a thread of this process had to give up its core before it wanted to. Where each busy thread
// has a core that is 30 to 500 times a second; with one thread more than cores, whoever it belongs to, 4,000 to 8,000 times,
// whether main spins or sleeps. Where the system does not count (Windows) it is taken for granted that there are enough.

import { performance } from 'node:perf_hooks'

/** Looking takes some microseconds. */
const SAMPLE_MS = 10
const MAX_SWITCHES_PER_MS = 1

export class CorePressure {
  readonly #nowMs: () => number
  readonly #switches: () => number
  #sampledMs: number
  #seen: number
  #isHigh = false

  constructor(
    nowMs: () => number = () => performance.now(),
    switches: () => number = () => process.resourceUsage().involuntaryContextSwitches,
  ) {
    this.#nowMs = nowMs
    this.#switches = switches
    this.#sampledMs = nowMs()
    this.#seen = switches()
  }

  /** As it was between the last two looks. */
  get isHigh(): boolean {
    const nowMs = this.#nowMs()
    const passedMs = nowMs - this.#sampledMs
    if (passedMs >= SAMPLE_MS) {
      const switches = this.#switches()
      this.#isHigh = switches - this.#seen > MAX_SWITCHES_PER_MS * passedMs
      this.#sampledMs = nowMs
      this.#seen = switches
    }
    return this.#isHigh
  }
}
