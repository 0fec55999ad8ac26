// From the bytes that a script printed to one line that may be shown anywhere.
//
// Control characters are written out (`\x1b`, `\n`), except the tab that joins print's arguments: a script must not
// move a terminal's cursor, forge a second line of a log, or change its title. Bytes that are no UTF-8 become U+FFFD.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be written out
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' }

export function printableLine(bytes: Buffer): string {
  return bytes.toString('utf8').replace(CONTROL, writtenOut)
}

function writtenOut(character: string): string {
  return NAMED[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
