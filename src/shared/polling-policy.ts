// Whether to look again and again for a short time before sleeping.
//
// With a core to spare it saves both sides a sleep and a wake-up: about 1 µs instead of 15–60 for a round trip. Without one
// it takes the core from the very thread that is waited for, and a round trip costs as much as the looking. Nobody tells a
// thread which of the two it is, so it learns: each time looking was in vain, it sleeps at once for twice as many waits as
// before, then tries again; one success, and it looks each time.

/** So rarely is it tried where it never pays. */
const MAX_REST = 64

export class PollingPolicy {
  /** Waits to go before the next try. */
  #rest = 0
  #nextRest = 1

  /** Asked once at the beginning of each wait. */
  shouldPoll(): boolean {
    if (this.#rest === 0) return true
    this.#rest--
    return false
  }

  noteSuccess(): void {
    this.#rest = 0
    this.#nextRest = 1
  }

  noteFailure(): void {
    this.#rest = this.#nextRest
    this.#nextRest = Math.min(MAX_REST, this.#nextRest * 2)
  }
}
