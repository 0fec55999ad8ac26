// The work that contenders do, as Lua files in works/. Whoever runs Lua with a `cache` runs them as they are; a peer
// with words of its own (Redis, plain JS) has a file of the same name in its folder.

import { readFileSync } from 'node:fs'

export type WorkName =
  | 'cache'
  | 'compute'
  | 'costs'
  | 'empty'
  | 'growth'
  | 'limiter'
  | 'round-trip'
  | 'session'
  | 'stops'
  | 'stuck'
  | 'timeline'

export interface Work {
  readonly name: WorkName
  readonly lua: string
}

/** Lua files are not compiled: they are read where they stand, beside the sources. */
const FOLDER = new URL('../../bench/', import.meta.url)

export function loadWork(name: WorkName): Work {
  return { name, lua: readBenchFile(`works/${name}.lua`) }
}

/** Text of a file in the bench's source folder. */
export function readBenchFile(path: string): string {
  return readFileSync(new URL(path, FOLDER), 'utf8')
}

export function benchFileUrl(path: string): URL {
  return new URL(path, FOLDER)
}
