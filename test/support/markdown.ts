// The documents' parts, as tests look at them: fenced blocks, tables, links.

import assert from 'node:assert/strict'

/** The text under a heading of the second level, up to the next one. */
export function section(text: string, heading: string): string {
  const start = text.indexOf(`\n## ${heading}\n`)
  assert.ok(start >= 0, `no heading "${heading}"`)
  const end = text.indexOf('\n## ', start + 1)
  return text.slice(start, end < 0 ? undefined : end)
}

/** The first fenced block of that language. */
export function block(text: string, language: string): string {
  const [, found] = text.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``)) ?? []
  assert.ok(found !== undefined, `no ${language} block`)
  return found
}

/** The cells of the table whose first column is headed so, without its head. */
export function table(text: string, head: string): string[][] {
  const start = text.indexOf(`\n| ${head} |`)
  assert.ok(start >= 0, `no table headed "${head}"`)
  const lines = text.slice(start + 1).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(2, end < 0 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** A cell without the marks of code. */
export const unquoted = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')

/** Where links lead, without web addresses: `docs/errors.md`, `#options`. */
export function localLinks(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, '')
  return [...prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target]) => target ?? '')
}

/** Files of the project that code marks name: `src/limits.ts`. */
export function namedFiles(text: string): string[] {
  const names = text.matchAll(/`((?:src|test|docs|workers|bench|examples)\/[\w./-]+\.\w+)`/g)
  return [...names].map(([, name]) => name ?? '')
}

/** The anchors of headings, as GitHub makes them. */
export function anchors(text: string): string[] {
  const headings = text.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)
  return [...headings].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
