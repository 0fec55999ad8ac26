// What run number n of a soak is: decided by the seed and n alone, whatever order the runs end in. So a seed repeats the
// same calls; which thread takes which, and when, is new each time.
//
// Runs are dealt from decks that hold each kind so many times, shuffled one by one: short soaks have every kind as well.

import { createRandom } from '../inspected-engine.js'

/** How often each kind comes in a deck; the rest of it are plain runs. */
const DECK = {
  /** An error value or message of its own. */
  error: 100,
  /** Some sources that stay compiled, and more others than may stay. */
  eval: 60,
  /** A call that is refused or fails before or after the script: wrong arguments, no function, too large a result. */
  refused: 20,
  /** Arguments and results that travel in pieces. */
  large: 20,
  print: 20,
  /** A signal that aborts at some moment, or does not. */
  abort: 20,
  /** Reads and writes of the host beside the script's. */
  host: 20,
  /** A script of its own, loaded, run and disposed while a run is under way. */
  load: 10,
  /** A tenant that never comes again. */
  stranger: 40,
  /** An endless loop, stopped inside its VM. */
  timeout: 10,
  /** Eats all memory it may. */
  bomb: 1,
  /** Inside one long C function at its deadline: costs the thread. */
  kill: 1,
  /** A thread dies by itself. */
  death: 1,
} as const

export type SoakKind = keyof typeof DECK | 'plain'

export const SOAK_KINDS: readonly SoakKind[] = ['plain', ...(Object.keys(DECK) as (keyof typeof DECK)[])]

export const DECK_RUNS = 2000

function freshDeck(): SoakKind[] {
  const deck: SoakKind[] = Object.entries(DECK).flatMap(([kind, times]) =>
    new Array<SoakKind>(times).fill(kind as SoakKind),
  )
  while (deck.length < DECK_RUNS) deck.push('plain')
  return deck
}

export class SoakSchedule {
  readonly #seed: number
  #number = -1
  #deck: SoakKind[] = []

  constructor(seed: number) {
    this.#seed = seed
  }

  kindOf(n: number): SoakKind {
    const number = Math.floor(n / DECK_RUNS)
    if (number !== this.#number) this.#shuffle(number)
    return this.#deck[n % DECK_RUNS] as SoakKind
  }

  /** What else is random about run n. */
  randomOf(n: number): () => number {
    return createRandom(Math.imul(n, 0x9e3779b1) ^ this.#seed)
  }

  #shuffle(number: number): void {
    const random = this.randomOf(-1 - number)
    const deck = freshDeck()
    for (let last = deck.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1))
      ;[deck[last], deck[other]] = [deck[other] as SoakKind, deck[last] as SoakKind]
    }
    this.#number = number
    this.#deck = deck
  }
}
