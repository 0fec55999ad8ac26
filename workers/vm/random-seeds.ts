// Entropy for math.random, a seed per run, from the system. Asking the system once per run would cost more than
// the run: a block is drawn for many.

import { randomFillSync } from 'node:crypto'

const SEED_WORDS = 8
const BLOCK_WORDS = 2048

const block = new Uint32Array(BLOCK_WORDS)
let next = BLOCK_WORDS

/** Used words are forgotten at once. */
function nextWord(): number {
  if (next === BLOCK_WORDS) {
    randomFillSync(block)
    next = 0
  }
  const word = block[next] as number
  block[next++] = 0
  return word
}

/** Four u64, the state of math.random's generator. */
export type Seed = Uint32Array

export const createSeed = (): Seed => new Uint32Array(SEED_WORDS)

export function drawSeed(seed: Seed): void {
  for (let i = 0; i < SEED_WORDS; i++) seed[i] = nextWord()
}

/** To `words[at…]`. */
export function writeSeed(words: Uint32Array, at: number, seed: Seed): void {
  for (let i = 0; i < SEED_WORDS; i++) words[at + i] = seed[i] as number
}

/** Whether the generator that was given `seed` has made no number since. */
export function isSeedUnused(words: Uint32Array, at: number, seed: Seed): boolean {
  for (let i = 0; i < SEED_WORDS; i++) if (words[at + i] !== seed[i]) return false
  return true
}

/** Any of the 2^64 integers of Lua. */
export function randomInteger(): bigint {
  return BigInt.asIntN(64, (BigInt(nextWord()) << 32n) | BigInt(nextWord()))
}
