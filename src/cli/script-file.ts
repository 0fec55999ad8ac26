// A Lua file as the command line sees it: its bytes for the engine, its lines for people.

import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { UsageError } from './exit-codes.js'
import { harmless } from './terminal.js'

/** Lua's own idea of a line end. */
const LINE_END = /\r\n|\n\r|\r|\n/
const MAX_QUOTED_CHARACTERS = 160
/** Beyond, Lua's messages would cut it. */
const MAX_NAME_CHARACTERS = 56

export interface ScriptFile {
  /** As the user gave it, fit to be shown. */
  readonly path: string
  /** What messages of Lua call it. */
  readonly name: string
  /** Text where it is UTF-8: the engine remembers texts that it has compiled. */
  readonly source: string | Buffer
}

/** Throws a UsageError that says why it cannot be read. */
export async function readScriptFile(path: string): Promise<ScriptFile> {
  try {
    const bytes = await readFile(path)
    const source = isUtf8(bytes) ? bytes.toString('utf8') : bytes
    return { path: harmless(path), name: nameOf(path), source }
  } catch (error) {
    throw new UsageError(`cannot read ${harmless(path)}: ${reasonOf(error)}`)
  }
}

function nameOf(path: string): string {
  const name = harmless(basename(path)).replace(/[\t\n]/g, ' ')
  return [...name].length <= MAX_NAME_CHARACTERS
    ? name
    : `…${[...name].slice(1 - MAX_NAME_CHARACTERS).join('')}`
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
}

/** Why the file system refused. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  return (code !== undefined && REASONS[code]) || harmless(error.message)
}

/** The text of a line, fit to be shown; undefined if there is none with that number. */
export function sourceLine({ source }: ScriptFile, line: number | undefined): string | undefined {
  if (line === undefined) return undefined
  const text = source.toString().split(LINE_END)[line - 1]
  if (text === undefined) return undefined
  return harmless(text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}…` : text)
}

/** As it stands below a message. */
export function quotedLine(line: number, text: string): string {
  return `${String(line).padStart(5)} | ${text}`
}
