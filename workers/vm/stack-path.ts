// How a path into a Lua table reads in messages: `.a.b`, `.list[3].cb`, `["a b"]`, `[true]`.

import { readLatin1, readUtf8 } from '../../src/shared/utf8.js'
import type { Pointer } from './lua.js'
import {
  LONG_LENGTH_OFFSET,
  LUA_FLOAT,
  LUA_INTEGER,
  LUA_LONG_STRING,
  LUA_SHORT_STRING,
  LUA_TRUE,
  SHORT_LENGTH_OFFSET,
  STRING_BYTES_OFFSET,
} from './stack-layout.js'

const MAX_KEY_BYTES = 64
const MAX_PATH_CHARACTERS = 256

/** Quotes, backslashes, controls and (where the bytes are no text) everything beyond ASCII, as Lua writes them. */
function escapeText(text: string, isText: boolean): string {
  let shown = ''
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (character === '"' || character === '\\') shown += `\\${character}`
    else if (code < 0x20 || code === 0x7f || (!isText && code > 0x7f)) {
      shown += `\\x${code.toString(16).padStart(2, '0')}`
    } else shown += character
  }
  return shown
}

/** A string key; of a long one the beginning. */
function stringKeyPart(bytes: Uint8Array, start: number, sizeBytes: number): string {
  const isCut = sizeBytes > MAX_KEY_BYTES
  const end = start + (isCut ? MAX_KEY_BYTES : sizeBytes)
  const text = readUtf8(bytes, start, end)
  if (text !== undefined && !isCut && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return `.${text}`
  const shown = escapeText(text ?? readLatin1(bytes, start, end), text !== undefined)
  return `["${shown}${isCut ? '...' : ''}"]`
}

/** The part for the key with that tag whose eight bytes lie at that address. */
export function keyPart(memory: Buffer, tag: number, at: Pointer): string {
  const string = tag === LUA_SHORT_STRING || tag === LUA_LONG_STRING ? memory.readUInt32LE(at) : 0
  switch (tag) {
    case LUA_SHORT_STRING:
      return stringKeyPart(
        memory,
        string + STRING_BYTES_OFFSET,
        memory.readUInt8(string + SHORT_LENGTH_OFFSET),
      )
    case LUA_LONG_STRING:
      return stringKeyPart(
        memory,
        string + STRING_BYTES_OFFSET,
        memory.readUInt32LE(string + LONG_LENGTH_OFFSET),
      )
    case LUA_INTEGER:
      return `[${memory.readBigInt64LE(at)}]`
    case LUA_FLOAT:
      return `[${memory.readDoubleLE(at)}]`
    default:
      return `[${tag === LUA_TRUE}]`
  }
}

/** Joins parts that were found from the inside outwards; the end of a very long path is left out. */
export function joinPath(partsInsideOut: readonly string[]): string {
  const path = [...partsInsideOut].reverse().join('')
  return path.length > MAX_PATH_CHARACTERS ? `${path.slice(0, MAX_PATH_CHARACTERS)}...` : path
}
