// Seeds for math.random, one per run, from the system's entropy. Asking the system once per run would cost more than
// the run: a block is drawn for many.

import { randomFillSync } from 'node:crypto'

const SEED_WORDS = 8
const SEEDS_PER_BLOCK = 256

const block = new Uint32Array(SEED_WORDS * SEEDS_PER_BLOCK)
let next = block.length

/** Writes four u64 to `words[at…]`. Used seeds are forgotten at once. */
export function writeSeed(words: Uint32Array, at: number): void {
  if (next === block.length) {
    randomFillSync(block)
    next = 0
  }
  for (let i = 0; i < SEED_WORDS; i++) {
    words[at + i] = block[next + i] as number
    block[next + i] = 0
  }
  next += SEED_WORDS
}
