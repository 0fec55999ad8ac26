// Whether a source compiles, asked of the VM itself. The VM's own `load` compiles it as text inside one run, so nothing
// of it is ever executed.

import type { Engine } from '../index.js'
import { DEFAULT_SOURCE_BYTES } from '../limits.js'

export interface SyntaxVerdict {
  /** undefined: it compiles. */
  readonly problem: { readonly line: number | undefined; readonly message: string } | undefined
  /** Operations of the engine's cache that read and write in one step. */
  readonly atomic: readonly string[]
}

/** Lua puts it before its messages, in the place of a file's name. */
const CHUNK_NAME = 'checked'

const COMPILE = `
  local _, problem = load(..., "=${CHUNK_NAME}", "t")
  local atomic = ""
  for _, name in ipairs { "incr", "rate_limit", "compare_and_put" } do
    if cache[name] then atomic = atomic .. " " .. name end
  end
  return { problem = problem, atomic = atomic }`

interface Answer {
  readonly problem?: string | Uint8Array
  readonly atomic: string
}

export async function checkSyntax(
  engine: Engine,
  source: Uint8Array,
  signal: AbortSignal,
): Promise<SyntaxVerdict> {
  if (source.length > DEFAULT_SOURCE_BYTES) {
    const message = `the source has ${source.length} bytes; an engine takes ${DEFAULT_SOURCE_BYTES} unless limits.sourceBytes says more`
    return { problem: { line: undefined, message }, atomic: [] }
  }
  const { problem, atomic } = await engine.eval<Answer>(COMPILE, [source], { signal })
  return {
    problem: problem === undefined ? undefined : problemOf(Buffer.from(problem).toString('utf8')),
    atomic: atomic.split(' ').filter((name) => name !== ''),
  }
}

function problemOf(text: string): NonNullable<SyntaxVerdict['problem']> {
  const [, line, message] = new RegExp(`^${CHUNK_NAME}:(\\d+): ([\\s\\S]*)$`).exec(text) ?? []
  return { line: line === undefined ? undefined : Number(line), message: message ?? text }
}

const NEWLINE = 0x0a
const HASH = 0x23
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** What the engine skips before it compiles a script; line numbers stay. */
export function withoutPreamble(source: Buffer): Buffer {
  const text = source.subarray(0, 3).equals(BYTE_ORDER_MARK) ? source.subarray(3) : source
  if (text[0] !== HASH) return text
  const lineEnd = text.indexOf(NEWLINE)
  return text.subarray(lineEnd < 0 ? text.length : lineEnd)
}
