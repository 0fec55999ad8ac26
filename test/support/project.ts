// The source tree as tests see it: found from the compiled file's place, read as text.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

function findProjectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('no package.json above the compiled tests')
    folder = parent
  }
  return folder
}

/** Absolute path of the checkout. */
export const projectRoot: string = findProjectRoot()

/** What git ignores, and git itself. */
const NOT_OURS = /^(?:node_modules|\.git|coverage|results|dist|dist-.*)$/

/** Every file of the project, relative to its root, with `/` between folders, sorted. */
export function projectFiles(under = ''): string[] {
  const found: string[] = []
  const visit = (folder: string): void => {
    for (const item of readdirSync(folder, { withFileTypes: true })) {
      if (NOT_OURS.test(item.name)) continue
      const path = join(folder, item.name)
      if (item.isDirectory()) visit(path)
      else if (item.isFile()) found.push(relative(projectRoot, path).split(sep).join('/'))
    }
  }
  visit(join(projectRoot, under))
  return found.sort()
}

export function readProjectFile(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8')
}
