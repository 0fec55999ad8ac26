// Which keys the native finder leaves to the overlay: those of which this worker may have a write that main has not applied.
//
//   newer │ older      one bit for each of 8,192 hashes, in memory that only this worker's finder uses
//
// A write sets its key's bit in the newer half. When that half holds WRITES_PER_HALF and main has applied all those of the
// older one, the older is emptied and they change places.
// A bit too many costs a detour by JavaScript, where the overlay finds nothing. A bit too few would show a script what was
// there before its own write: so bits go only when main's count, which the overlay looks at, is behind all writes noted by
// them. The count is looked at before the finder looks at the view, so the view has those writes, or newer ones.

import type { OutboxWriter } from '../src/shared/outbox.js'
import type { ViewFinder } from './view-finder.js'

const WRITES_PER_HALF = 64

export class OwnWrites {
  readonly #outbox: OutboxWriter
  readonly #finder: ViewFinder | undefined
  /** Noted in the newer half. */
  #writes = 0
  /** Nothing was noted in either half. */
  #areNone = true
  /** Behind the last write noted in either half. */
  #newerUpTo: number
  #olderUpTo: number
  /** While this is unapplied, any key may have been written. */
  #allUpTo: number
  /** Whether the finder leaves all keys to the overlay. */
  #areAll = true

  constructor(outbox: OutboxWriter, finder: ViewFinder | undefined) {
    this.#outbox = outbox
    this.#finder = finder
    this.#newerUpTo = outbox.position
    this.#olderUpTo = outbox.position
    this.#allUpTo = outbox.position
  }

  /** A write of a key of this hash ends at `position` of the outbox. */
  note(hash: number, position: number): void {
    const finder = this.#finder
    if (finder === undefined) return
    if (this.#writes >= WRITES_PER_HALF && this.#outbox.isApplied(this.#olderUpTo)) this.#turn(finder)
    this.#writes++
    this.#areNone = false
    this.#newerUpTo = position
    finder.noteOwnWrite(hash)
  }

  /** The overlay does not know which keys were written up to there. */
  noteAll(position: number): void {
    this.#allUpTo = position
    this.#areAll = true
    this.#finder?.noteOwnWrites(true)
  }

  /** All writes are applied. */
  forget(): void {
    const finder = this.#finder
    if (finder === undefined || (this.#areNone && !this.#areAll)) return
    this.#turn(finder)
    this.#turn(finder)
    this.#areNone = true
  }

  #turn(finder: ViewFinder): void {
    finder.forgetOlderWrites()
    this.#olderUpTo = this.#newerUpTo
    this.#writes = 0
    if (!this.#areAll || !this.#outbox.isApplied(this.#allUpTo)) return
    this.#areAll = false
    finder.noteOwnWrites(false)
  }
}
