// What `stack` says of a script's error: the line of the source and Lua's own levels, where V8 would show how the news
// came to the main thread.
//
//   ScriptError: limiter.lua:3: attempt to compare number with nil
//       3 | if hits >= request.limit then
//       at limiter.lua:3: in function 'main'

import { printableLine } from './print.js'

/** What Lua's own traceback begins with. */
const TRACEBACK_HEAD = 'stack traceback:'

export interface StackParts {
  readonly message: string
  readonly script: string
  readonly line?: number | undefined
  readonly sourceLine?: string | undefined
  readonly traceback?: string | undefined
}

/** The stack from the error's message on; control characters are written out, as it is made to be shown. */
export function scriptStack({ message, script, line, sourceLine, traceback }: StackParts): string {
  const lines = message.split('\n').map(printable)
  if (sourceLine !== undefined) lines.push(`    ${line} | ${sourceLine.trim()}`)
  const levels = (traceback ?? '').split('\n').map((level) => printable(level.trim()))
  const known = levels.filter((level) => level !== '' && level !== TRACEBACK_HEAD)
  if (known.length === 0) known.push(line === undefined ? script : `${script}:${line}`)
  // Lua leaves levels out in the middle: no level itself.
  for (const level of known) lines.push(level.startsWith('...') ? `    ${level}` : `    at ${level}`)
  return lines.join('\n')
}

const printable = (text: string): string => printableLine(Buffer.from(text))
