// From the bytes that a script printed to one line that may be shown anywhere.
//
// Control characters are written out (`\x1b`, `\n`), except the tab that joins print's arguments: a script must not
// move a terminal's cursor, forge a second line of a log, change a title, or turn the direction of what follows. Bytes
// that are no UTF-8 become U+FFFD.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be written out
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' }

export function printableLine(bytes: Buffer): string {
  return bytes.toString('utf8').replace(CONTROL, writtenOut)
}

function writtenOut(character: string): string {
  const code = character.charCodeAt(0)
  const hex = code.toString(16)
  return NAMED[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`)
}
