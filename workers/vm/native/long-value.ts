// Takes a value that does not fit the globals from the view: part by part, each by way of the globals. A string goes to where it
// stays, anything else to the scratch area or, when that is too small, into a userdata.
//
// Until `endParts` says that all parts are of one value, there may be anybody's bytes among them. Nothing looks at them before, and if
// it does not say so they are wiped.
//
// Between finding and taking, Lua is asked for memory. That runs no code of a script, unless one has a bug of Lua at hand: then
// another value, perhaps a shorter one, may have been found meanwhile. Behind its end there are other tenants'.

import { newLongString } from './long-string'
import { lua_newuserdatauv, SCRATCH_BYTES } from './lua'
import { pushValues } from './values'
import { firstBytes } from './view'

@external("view", "takePart")
declare function takePart(offset: usize): void
@external("view", "endParts")
declare function endParts(): bool
@external("view", "longBytes")
declare let longBytes: u64
@external("view", "w0")
declare let w0: v128
@external("view", "w1")
declare let w1: v128
@external("view", "w2")
declare let w2: v128
@external("view", "w3")
declare let w3: v128
@external("view", "w4")
declare let w4: v128
@external("view", "w5")
declare let w5: v128
@external("view", "w6")
declare let w6: v128
@external("view", "w7")
declare let w7: v128

const PART_BYTES: usize = 128
/** Of an encoded value: a string, its length in the next four bytes, and the string. */
const LONG_STRING_TAG: u8 = 0x06
const LONG_STRING_HEAD_BYTES: usize = 5

@inline
function copyPart(to: usize, from: usize): void {
  takePart(from)
  v128.store(to, w0)
  v128.store(to, w1, 16)
  v128.store(to, w2, 32)
  v128.store(to, w3, 48)
  v128.store(to, w4, 64)
  v128.store(to, w5, 80)
  v128.store(to, w6, 96)
  v128.store(to, w7, 112)
}

/** Copies what lies from `from` on in the value, at least PART_BYTES. The last part may cover some of the one before. */
function copyParts(to: usize, from: usize, length: usize): void {
  const last = length - PART_BYTES
  for (let offset: usize = 0; offset < last; offset += PART_BYTES) copyPart(to + offset, from + offset)
  copyPart(to + last, from + last)
}

/** Copies `length` bytes of the value that was found last, from `from` on; false, and wiped, if it has changed meanwhile. */
export function takeLong(to: usize, from: usize, length: usize): bool {
  copyParts(to, from, length)
  if (endParts()) return true
  memory.fill(to, 0, length)
  return false
}

@inline
function isString(found: usize): bool {
  const bits = firstBytes()
  const length = found - LONG_STRING_HEAD_BYTES
  return <u8>bits == LONG_STRING_TAG && <u32>(bits >> 8) == <u32>length && length >= PART_BYTES
}

/**
 * Pushes the value of so many bytes that was found in the view; what it needed may lie below. If it cannot, the stack may hold
 * more than before.
 */
export function pushLong(L: usize, found: usize, scratch: usize): bool {
  if (isString(found)) {
    const length = found - LONG_STRING_HEAD_BYTES
    const text = newLongString(L, <i32>length)
    return longBytes == <u64>found && takeLong(text, LONG_STRING_HEAD_BYTES, length)
  }
  const at = found <= SCRATCH_BYTES ? scratch : lua_newuserdatauv(L, <i32>found, 0)
  return longBytes == <u64>found && takeLong(at, 0, found) && pushValues(L, at, at + found, 1) != 0
}
