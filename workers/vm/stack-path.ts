// How a path into a Lua table reads in messages: `.a.b`, `.list[3].cb`, `["a b"]`, `[true]`.

import { readLatin1, readUtf8 } from '../../src/shared/utf8.js'

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
export function stringKeyPart(bytes: Uint8Array, start: number, sizeBytes: number): string {
  const isCut = sizeBytes > MAX_KEY_BYTES
  const end = start + (isCut ? MAX_KEY_BYTES : sizeBytes)
  const text = readUtf8(bytes, start, end)
  if (text !== undefined && !isCut && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return `.${text}`
  const shown = escapeText(text ?? readLatin1(bytes, start, end), text !== undefined)
  return `["${shown}${isCut ? '...' : ''}"]`
}

/** Joins parts that were found from the inside outwards; the end of a very long path is left out. */
export function joinPath(partsInsideOut: readonly string[]): string {
  const path = [...partsInsideOut].reverse().join('')
  return path.length > MAX_PATH_CHARACTERS ? `${path.slice(0, MAX_PATH_CHARACTERS)}...` : path
}
