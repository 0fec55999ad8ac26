// How far a soak is: one line that is written over on a terminal, elsewhere one now and then. The test runner passes on
// what its test files write, and says by TESTS_ON_TERMINAL whether that ends on a terminal.

import type { SoakSample } from './samples.js'

const LINE_EVERY_MS = 15_000

export class SoakProgress {
  readonly #runs: number
  readonly #isTerminal = process.env.TESTS_ON_TERMINAL === '1'
  readonly #beganMs = performance.now()
  #lastMs = performance.now()
  #residentMib = 0

  constructor(runs: number) {
    this.#runs = runs
  }

  update(runs: number, sample: SoakSample | undefined): void {
    this.#residentMib = sample?.residentMib ?? this.#residentMib
    const nowMs = performance.now()
    if (this.#isTerminal) process.stdout.write(`\r\x1b[K${this.#text(runs, nowMs)}`)
    else if (nowMs - this.#lastMs >= LINE_EVERY_MS) {
      this.#lastMs = nowMs
      console.log(this.#text(runs, nowMs))
    }
  }

  end(): void {
    if (this.#isTerminal) process.stdout.write('\r\x1b[K')
  }

  #text(runs: number, nowMs: number): string {
    const seconds = (nowMs - this.#beganMs) / 1000
    const left = runs === 0 ? 0 : (seconds / runs) * (this.#runs - runs)
    const percent = Math.floor((runs / this.#runs) * 100)
    const resident = this.#residentMib === 0 ? '' : `, ${Math.round(this.#residentMib)} MiB resident`
    return `soak: ${percent} %, ${runs.toLocaleString('en')} runs in ${Math.round(seconds)} s, ${Math.round(left)} s left${resident}`
  }
}
