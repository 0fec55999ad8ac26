// An error of the engine, for people and for programs.

import { MoonpoolError } from '../errors.js'
import { UsageError } from './exit-codes.js'
import { quotedLine } from './script-file.js'
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
  [/^args\b/, '--args'],
  [/\bresult: 'json'/, '--json'],
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

/**
 * What is to be mended in the command and not in the script: a wrong option, a source that is too long, an argument
 * that Lua has nothing for. (The error of a result names its script.)
 */
export function usageErrorOf(error: MoonpoolError): UsageError | undefined {
  const { code, script } = error
  const isOfTheCall =
    code === 'MOONPOOL_INVALID_OPTION' || (code === 'MOONPOOL_INVALID_VALUE' && script === undefined)
  return isOfTheCall ? new UsageError(harmless(messageOf(error))) : undefined
}

/** Code and message, the source line, the traceback. */
export function errorText(error: MoonpoolError, palette: Palette): string {
  const { line, sourceLine, traceback } = error
  return [
    `${palette.bold(palette.red(`${error.code}:`))} ${harmless(messageOf(error))}`,
    ...(line === undefined || sourceLine === undefined
      ? []
      : [palette.dim(quotedLine(line, harmless(sourceLine)))]),
    ...(traceback === undefined ? [] : [harmless(traceback)]),
  ].join('\n')
}
