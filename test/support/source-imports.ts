// What each TypeScript file imports, read from its text. The compiler offers no API, and the project's own style
// (single quotes, `.js` specifiers, one statement a line) makes the text enough.

import { posix } from 'node:path'
import { projectFiles, readProjectFile } from './project.js'

export interface SourceImport {
  /** The file that imports, relative to the project's root. */
  readonly from: string
  /** A project file (`src/limits.ts`), or a package's name as it is written. */
  readonly to: string
  readonly isOurs: boolean
  /** Erased by the compiler: no run-time edge. */
  readonly isType: boolean
  /** Named by `new URL('…', import.meta.url)`: loaded elsewhere, another thread's entry. */
  readonly isUrl: boolean
}

const STATIC =
  /^\s*(?:import|export)\s+(type\s+)?(?:(?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+[\w$]+)?)?\s*from\s*)?'([^'\n]+)'/gm
const DYNAMIC = /\bimport\(\s*'([^'\n]+)'/g
const URL_NAME = /new URL\(\s*'(\.[^'\n]+\.js)'\s*,\s*import\.meta\.url\s*\)/g

/** Comments blanked, so that words in prose do not count. Line ends stay, so that line numbers do. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[\s;{}(),])\/\/[^\n]*/g, '$1')
}

function target(from: string, specifier: string): { to: string; isOurs: boolean } {
  if (!specifier.startsWith('.')) return { to: specifier, isOurs: false }
  const path = posix.join(posix.dirname(from), specifier)
  return { to: path.replace(/\.js$/, '.ts'), isOurs: true }
}

export function importsOf(from: string): SourceImport[] {
  const text = withoutComments(readProjectFile(from))
  const found: SourceImport[] = []
  for (const [, type, specifier] of text.matchAll(STATIC)) {
    found.push({ from, ...target(from, specifier ?? ''), isType: type !== undefined, isUrl: false })
  }
  for (const [, specifier] of text.matchAll(DYNAMIC)) {
    found.push({ from, ...target(from, specifier ?? ''), isType: false, isUrl: false })
  }
  for (const [, specifier] of text.matchAll(URL_NAME)) {
    found.push({ from, ...target(from, specifier ?? ''), isType: false, isUrl: true })
  }
  return found
}

/** Native code is AssemblyScript: the same file ending, another language with a compiler of its own. */
export const typescriptFiles: readonly string[] = projectFiles().filter(
  (file) => file.endsWith('.ts') && !/^workers\/(?:vm\/native|view-finder)\//.test(file),
)

export const allImports: readonly SourceImport[] = typescriptFiles.flatMap(importsOf)
