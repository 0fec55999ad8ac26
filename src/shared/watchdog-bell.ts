// What the watchdog thread sleeps on. It sleeps until the nearest deadline it knows of, and says until when: a worker that
// begins a run with a nearer one notes that and rings it. What is noted stays until that instant, though the run may be
// over long before: so beginning a run costs one load, most often, and the thread wakes about once in the length of the
// usual timeout, or never when nothing runs. It is rung as well when a run was doomed and when something was
// posted to it; it looks at everything then.
//
// Why no run is missed: a worker begins its run, then looks until when the watchdog sleeps; the watchdog says until when it
// sleeps, then looks at the runs once more. Both are sequentially consistent, so at least one of the two sees the other.
// A worker that finds the note of another one is seen by the look for which that one rings; should that one die before it
// rings, main rings for its death.
// Why no call is missed: the bell's word is changed after what the call is about was published, and the sleeper reads the
// word before it looks. What it did not see changed the word, so it does not sleep.
//
// Instants are whole milliseconds of the monotonic clock, modulo 2^32, compared by signed difference.

import { MAX_TIMEOUT_MS } from '../limits.js'
import { type ControlWords, WATCHDOG_BELL, WATCHDOG_NEXT_LOOK, WATCHDOG_OFF } from './layout.js'

/** The longest sleep: no deadline is further away. */
export const LONGEST_SLEEP_MS = MAX_TIMEOUT_MS

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

  /** A worker, right after it began a run with this deadline. */
  expect(deadlineMs: number): void {
    const deadline = Math.ceil(deadlineMs) | 0
    if (((deadline - Atomics.load(this.#words, WATCHDOG_NEXT_LOOK)) | 0) >= 0) return
    Atomics.store(this.#words, WATCHDOG_NEXT_LOOK, deadline)
    this.ring()
  }

  /** Main: there is nothing to do for it any more. */
  turnOff(): void {
    Atomics.store(this.#words, WATCHDOG_OFF, 1)
    this.ring()
  }

  isOff(): boolean {
    return Atomics.load(this.#words, WATCHDOG_OFF) === 1
  }

  /** The watchdog: what to hand to `sleep`. Look at everything in between. */
  read(): number {
    return Atomics.load(this.#words, WATCHDOG_BELL)
  }

  /**
   * The watchdog will look again after so many whole milliseconds, or when it was to look anyway if that is sooner: gives
   * that pause. Look at the runs once more, then `sleep`.
   */
  announce(nowMs: number, pauseMs: number): number {
    const notedMs = (Atomics.load(this.#words, WATCHDOG_NEXT_LOOK) - (nowMs | 0)) | 0
    const untilMs = notedMs > 0 ? Math.min(notedMs, pauseMs) : pauseMs
    Atomics.store(this.#words, WATCHDOG_NEXT_LOOK, (nowMs + untilMs) | 0)
    return untilMs
  }

  /** The watchdog: sleeps until rung or for `timeoutMs`. */
  sleep(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#words, WATCHDOG_BELL, seen, timeoutMs)
  }
}
