// One line out of a script's source, for the error that names it.

import { printableLine } from './print.js'

const NEWLINE = 10
const RETURN = 13
/** Longer lines are cut: what goes wrong in minified code cannot be seen anyway. */
const MAX_SHOWN_BYTES = 200

/**
 * The text of that line (from 1), control characters written out, without its end; undefined if there is none. Lines
 * end as Lua counts them: `\n`, `\r`, `\r\n` and `\n\r` are one end each.
 */
export function sourceLineOf(source: Uint8Array, line: number): string | undefined {
  let at = 0
  for (let current = 1; current < line; current++) {
    const end = endOfLine(source, at)
    if (end >= source.length) return undefined
    at = end + (isPair(source[end], source[end + 1]) ? 2 : 1)
  }
  const end = endOfLine(source, at)
  const shown = Math.min(end, at + MAX_SHOWN_BYTES)
  const text = printableLine(Buffer.from(source.buffer, source.byteOffset + at, shown - at))
  return shown < end ? `${text.replace(/\uFFFD+$/, '')}…` : text
}

function endOfLine(source: Uint8Array, from: number): number {
  let at = from
  while (at < source.length && source[at] !== NEWLINE && source[at] !== RETURN) at++
  return at
}

function isPair(first: number | undefined, second: number | undefined): boolean {
  return (first === NEWLINE && second === RETURN) || (first === RETURN && second === NEWLINE)
}
