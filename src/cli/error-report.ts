// An error of the engine, for people and for programs.

import { MoonpoolError } from '../errors.js'
import { quotedLine, type ScriptFile, sourceLine } from './script-file.js'
import { harmless, type Palette } from './terminal.js'

/** The `error` of `--json`. */
export interface ErrorFacts {
  readonly code: string
  readonly message: string
  readonly line?: number | undefined
  readonly traceback?: string | undefined
}

/** Options by their names on the command line. */
const FLAGS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:limits\.)?timeoutMs\b/g, '--timeout'],
  [/\bcachePrefix\b/g, '--prefix'],
]

function asFlags(message: string): string {
  return FLAGS.reduce((text, [name, flag]) => text.replace(name, flag), message)
}

/** What is no error of the engine's is a defect of this program, and thrown on. */
export function asMoonpoolError(error: unknown): MoonpoolError {
  if (error instanceof MoonpoolError) return error
  throw error
}

export function factsOf(error: MoonpoolError): ErrorFacts {
  const { code, line, traceback } = error
  return { code, message: messageOf(error), line, traceback }
}

/** Only the engine's own messages name options. */
function messageOf({ code, message }: MoonpoolError): string {
  return code === 'MOONPOOL_LUA_ERROR' || code === 'MOONPOOL_LUA_SYNTAX' ? message : asFlags(message)
}

/** Code and message, the source line, the traceback. */
export function errorText(error: MoonpoolError, file: ScriptFile, palette: Palette): string {
  const { line, traceback } = error
  const source = sourceLine(file, line)
  return [
    `${palette.bold(palette.red(`${error.code}:`))} ${harmless(messageOf(error))}`,
    ...(line === undefined || source === undefined ? [] : [palette.dim(quotedLine(line, source))]),
    ...(traceback === undefined ? [] : [harmless(traceback)]),
  ].join('\n')
}
