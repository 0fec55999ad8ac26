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
      process.on(signal, () => this.#raise(SIGNALS[signal]))
    }
  }

  #raise(exitCode: number): void {
    if (this.isRaised) process.exit(this.#exitCode)
    this.#exitCode = exitCode
    this.#controller.abort()
  }
}
