// What the watchdog thread sleeps on. It is rung when runs become active, when one of them was doomed, and when something
// was posted to it; it looks at everything then.
//
// Why no call is missed: the bell's word is changed after what the call is about was published, and the sleeper reads
// the word before it looks. What it did not see changed the word, so it does not sleep.

import { type ControlWords, WATCHDOG_ACTIVE, WATCHDOG_BELL } from './layout.js'

export class WatchdogBell {
  readonly #words: ControlWords

  constructor(words: ControlWords) {
    this.#words = words
  }

  /** Anyone: something is there for it to see. */
  ring(): void {
    Atomics.add(this.#words, WATCHDOG_BELL, 1)
    Atomics.notify(this.#words, WATCHDOG_BELL)
  }

  /** Main: from here on runs are active; or none is. */
  setActive(isActive: boolean): void {
    Atomics.store(this.#words, WATCHDOG_ACTIVE, isActive ? 1 : 0)
    if (isActive) this.ring()
  }

  /** The watchdog: what to hand to `sleep`. Look at everything in between. */
  read(): number {
    return Atomics.load(this.#words, WATCHDOG_BELL)
  }

  isActive(): boolean {
    return Atomics.load(this.#words, WATCHDOG_ACTIVE) === 1
  }

  /** The watchdog: sleeps until rung or for `timeoutMs`. */
  sleep(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#words, WATCHDOG_BELL, seen, timeoutMs)
  }
}
