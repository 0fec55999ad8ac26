// Ctrl-C and the polite kill: the first one ends the command in order, the second one at once.

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

export class Interruption {
  readonly #controller = new AbortController()
  #exitCode: number | undefined

  /** What to exit with; undefined as long as nobody interrupted. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  /** For what can be ended early. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get isRaised(): boolean {
    return this.#exitCode !== undefined
  }

  listen(): void {
    for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) {
      process.on(signal, () => this.#raise(signal))
    }
  }

  #raise(signal: keyof typeof SIGNALS): void {
    if (this.isRaised) {
      // process.exit would wait for a file that is still being read; a signal that nobody handles does not.
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
      return
    }
    this.#exitCode = SIGNALS[signal]
    this.#controller.abort()
  }
}
