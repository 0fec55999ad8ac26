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

/** Writes four u64 to `words[at…]`. */
export function writeSeed(words: Uint32Array, at: number): void {
  for (let i = 0; i < SEED_WORDS; i++) words[at + i] = nextWord()
}

/** Any of the 2^64 integers of Lua. */
export function randomInteger(): bigint {
  return BigInt.asIntN(64, (BigInt(nextWord()) << 32n) | BigInt(nextWord()))
}
