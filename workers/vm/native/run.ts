// What a run's cache calls need to know.

import { SHORT_STRING, SLOT_BYTES, STATE_CI, STATE_TOP, STRING_SHORT_LENGTH, TAG_AT } from './lua'

export let incarnation: u32 = 0
export let scratch: usize = 0
let maxKeyBytes: i32 = -1

/** `longestKeyBytes`: -1 while a script loads, when there is no cache. */
export function beginRun(runIncarnation: u32, longestKeyBytes: i32, scratchAt: usize): void {
  incarnation = runIncarnation
  maxKeyBytes = longestKeyBytes
  scratch = scratchAt
}

/** Where the first argument of the C function that `L` is in lies, or would lie. */
@inline
export function firstArgument(L: usize): usize {
  return load<usize>(load<usize>(L, STATE_CI)) + SLOT_BYTES
}

/** The first argument if it is a short string that may be a key, else 0. */
@inline
export function shortKey(L: usize, argument: usize): usize {
  if (argument >= load<usize>(L, STATE_TOP) || load<u8>(argument, TAG_AT) != SHORT_STRING) return 0
  const string = load<usize>(argument)
  return <i32>load<u8>(string, STRING_SHORT_LENGTH) > maxKeyBytes ? 0 : string
}
