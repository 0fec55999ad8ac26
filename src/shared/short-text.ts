// Short ASCII strings out of bytes without a call into native code, which costs 50 ns and more however short they are.

import { readLatin1 } from './utf8.js'

const fromCodes = String.fromCharCode
/** From 13 characters on, joining two strings makes no flat one. */
const MAX_JOINED = 12
const MAX_PART = 6

function shortPart(bytes: Uint8Array, at: number, length: number): string {
  const a = bytes[at] as number
  const b = bytes[at + 1] as number
  const c = bytes[at + 2] as number
  const d = bytes[at + 3] as number
  const e = bytes[at + 4] as number
  switch (length) {
    case 0:
      return ''
    case 1:
      return fromCodes(a)
    case 2:
      return fromCodes(a, b)
    case 3:
      return fromCodes(a, b, c)
    case 4:
      return fromCodes(a, b, c, d)
    case 5:
      return fromCodes(a, b, c, d, e)
    default:
      return fromCodes(a, b, c, d, e, bytes[at + 5] as number)
  }
}

/** The text of at most 12 bytes of ASCII; undefined for anything else. */
export function readShortAscii(bytes: Uint8Array, at: number, length: number): string | undefined {
  if (length > MAX_JOINED) return undefined
  let bits = 0
  for (let i = 0; i < length; i++) bits |= bytes[at + i] as number
  if (bits > 0x7f) return undefined
  if (length <= MAX_PART) return shortPart(bytes, at, length)
  return shortPart(bytes, at, MAX_PART) + shortPart(bytes, at + MAX_PART, length - MAX_PART)
}

/** Keys are few and come again: a small table of those seen last, found by their bytes. */
const KEY_SLOTS = 512
const MAX_KEY_BYTES = 24
const knownKeys: string[] = new Array(KEY_SLOTS).fill('')

function isText(text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false
  return true
}

/** The text of at most 24 bytes of ASCII that is used as a key; undefined for anything else. */
export function readAsciiKey(bytes: Uint8Array, at: number, length: number): string | undefined {
  if (length > MAX_KEY_BYTES) return undefined
  let hash = length
  let bits = 0
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i] as number
    bits |= byte
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  if (bits > 0x7f) return undefined
  const slot = (hash ^ (hash >>> 15)) & (KEY_SLOTS - 1)
  const known = knownKeys[slot] as string
  if (known.length === length && isText(known, bytes, at)) return known
  // A name taken from an object is the engine's own copy of it: setting properties by it needs no look-up.
  const [name] = Object.keys({ [readLatin1(bytes, at, at + length)]: 0 })
  knownKeys[slot] = name as string
  return name
}
