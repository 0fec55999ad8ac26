// Where the lines go that a file prints. What it prints while it loads is held back until it is known whether the load
// counts: a file that turns out to be a chunk is executed again as a whole, and prints them again.
//
//   loading (hold) ─▶ loaded (hold; the first print of a run shows that the load counts) ─▶ open
//                └───────────────────────────▶ discard ─▶ open

export class PrintGate {
  readonly #write: (line: string) => void
  #held: string[] | undefined = []
  #isLoaded = false

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  /** For the engine. */
  readonly onPrint = (line: string): void => {
    if (this.#held !== undefined && !this.#isLoaded) {
      this.#held.push(line)
      return
    }
    this.open()
    this.#write(line)
  }

  /** The lines of the load have all come. */
  loaded(): void {
    this.#isLoaded = true
  }

  /** The load counted: out with its lines. */
  open(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const line of held) this.#write(line)
  }

  /** The load did not count. */
  discard(): void {
    this.#held = undefined
  }
}
