// One sequence number for each stripe of the view's index: odd while the stripe changes, another even number afterwards.
//
// Whoever read a stripe between two equal even numbers read it as it was at one moment. Why that is so stands in
// view-layout.ts. Numbers wrap: a reader would have to sleep for exactly 2^31 changes of one stripe between two looks.
//
// Atomics are used only where the processor needs them: V8 calls a function for them, 10 ns each, a third of a miss. On x64 a
// plain load is an acquire and a plain store a release, and V8 keeps loads and stores of shared memory in program order and
// merges none. There an atomic store would also wait until this core has taken every line of the store before it from the
// readers' cores.
//
//   by stripe: u32 sequence, u32 overflow: entries of this stripe that found no slot

import { createFenceWord, fence, REORDERS } from './fence.js'

export const STRIPE_HEAD_BYTES = 8
const OVERFLOW = 1

export class StripeSequences {
  readonly #words: Int32Array
  readonly #fenceWord: Int32Array = createFenceWord()

  /** Two words for each stripe. */
  constructor(words: Int32Array) {
    this.#words = words
  }

  /** The writer: the stores that follow are seen after this one. */
  begin(stripe: number): void {
    this.#store(stripe, ((this.#words[stripe << 1] as number) + 1) | 1)
    fence(this.#fenceWord)
  }

  /** The writer: the stores that came before are seen before this one. */
  end(stripe: number): void {
    this.#store(stripe, ((this.#words[stripe << 1] as number) + 1) & ~1)
  }

  /** Odd and even whatever was there: a host that ends main's code in between leaves a stripe odd until its next change. */
  #store(stripe: number, sequence: number): void {
    if (REORDERS) Atomics.store(this.#words, stripe << 1, sequence)
    else this.#words[stripe << 1] = sequence
  }

  /** The writer: what readers could still reach until now is not touched before they can see that it changed. */
  settle(): void {
    fence(this.#fenceWord)
  }

  /** A reader: the loads that follow come after this one. Odd: the stripe is changing. */
  read(stripe: number): number {
    return REORDERS ? Atomics.load(this.#words, stripe << 1) : (this.#words[stripe << 1] as number)
  }

  /** A reader: whether the loads since `read` gave one state of the stripe. */
  isStill(stripe: number, sequence: number): boolean {
    if (!REORDERS) return this.#words[stripe << 1] === sequence
    fence(this.#fenceWord)
    return Atomics.load(this.#words, stripe << 1) === sequence
  }

  /** Read and written between the calls above, as any other field. */
  overflow(stripe: number): number {
    return this.#words[(stripe << 1) + OVERFLOW] as number
  }

  setOverflow(stripe: number, entries: number): void {
    this.#words[(stripe << 1) + OVERFLOW] = entries
  }
}
