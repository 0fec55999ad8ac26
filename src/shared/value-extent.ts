// Where a value ends, found without making anything of it.

import * as format from './value-format.js'
import { DamagedValueError } from './value-format.js'

// V8 folds the constants of a module into its code, but loads imported ones at each use.
const { TAG_FALSE, TAG_FLOAT, TAG_INT32, TAG_INT64, TAG_NIL, TAG_SHORT_STRING, TAG_STRING } = format
const { TAG_TABLE, TAG_TABLE_SMALL, TAG_TRUE } = format

/** Reads a u32; beyond the end the missing bytes count as 0, which the caller's check of the end makes good. */
function u32At(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
  return (low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0
}

/**
 * The offset behind `count` values that begin at `offset`. Only extents are checked: a reader still has to look at
 * depth and keys.
 * @throws DamagedValueError where the bytes end before the values do
 */
export function endOfValues(bytes: Uint8Array, offset: number, count: number): number {
  const end = bytes.length
  let at = offset
  for (let wanted = count; wanted > 0; wanted--) {
    // Each value takes a byte at least, so a count that no bytes stand behind ends the walk at once.
    if (wanted > end - at) throw new DamagedValueError('it is cut off', at)
    const tag = bytes[at++] as number
    if (tag >= TAG_SHORT_STRING) {
      at += tag - TAG_SHORT_STRING
      continue
    }
    switch (tag) {
      case TAG_NIL:
      case TAG_FALSE:
      case TAG_TRUE:
        break
      case TAG_INT32:
        at += 4
        break
      case TAG_INT64:
      case TAG_FLOAT:
        at += 8
        break
      case TAG_STRING:
        at += 4 + u32At(bytes, at)
        break
      case TAG_TABLE_SMALL:
        wanted += (bytes[at] as number) + 2 * (bytes[at + 1] as number)
        at += 2
        break
      case TAG_TABLE:
        wanted += u32At(bytes, at) + 2 * u32At(bytes, at + 4)
        at += 8
        break
      default:
        throw new DamagedValueError(`tag ${tag} is unknown`, at - 1)
    }
  }
  if (at > end) throw new DamagedValueError('it is cut off', end)
  return at
}
