// What may be written to a terminal: colours where they are wanted, no control characters of a script's making.

interface Screen {
  readonly isTTY?: boolean
}

type Style = (text: string) => string

/** Ways to make text stand out; all of them do nothing where colours are not wanted. */
export interface Palette {
  readonly isColoured: boolean
  readonly bold: Style
  readonly dim: Style
  readonly red: Style
  readonly yellow: Style
}

/** FORCE_COLOR wins over NO_COLOR, as in Node itself; without either it is colours for terminals. */
function wantsColours(screen: Screen, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = env
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  return isInteractive(screen, TERM)
}

/** A terminal on which the cursor can be moved. */
export function isInteractive(screen: Screen, term: string | undefined = process.env.TERM): boolean {
  return screen.isTTY === true && term !== 'dumb'
}

export function paletteFor(screen: Screen, env: NodeJS.ProcessEnv = process.env): Palette {
  const isColoured = wantsColours(screen, env)
  const style = (start: number, end: number): Style =>
    isColoured ? (text) => `\x1b[${start}m${text}\x1b[${end}m` : (text) => text
  return { isColoured, bold: style(1, 22), dim: style(2, 22), red: style(31, 39), yellow: style(33, 39) }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be written out
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
/** Those that `inspect` lets through. */
const UNSEEN = /[\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

const hexOf = (character: string): string => character.charCodeAt(0).toString(16)

function writtenOut(character: string): string {
  const hex = hexOf(character)
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`
}

/** Text of a script's making with its control characters written out (`\x1b`); tabs and line ends stay. */
export function harmless(text: string): string {
  return text.replace(CONTROL, writtenOut)
}

/** The same for what `inspect` made, colours included. */
export function harmlessInspected(text: string): string {
  return text.replace(UNSEEN, writtenOut)
}

/** The same as one line of JSON: what it says is not changed. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(CONTROL, (character) => `\\u${hexOf(character).padStart(4, '0')}`)
}

export function writeOut(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function writeError(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** `moonpool … | head`: who reads no more wants no error either. */
export function endQuietlyOnBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit()
    })
  }
}
