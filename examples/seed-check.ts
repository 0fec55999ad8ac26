// Runs the document's examples on an engine and says of each whether it did what the document says.

import { isDeepStrictEqual } from 'node:util'
import type { Engine } from 'moonpool'
import { type SeedCase, seedCases, seedChunk } from './seed-cases.js'

/** The two tenants of the document's own example. */
export const TENANTS = ['tenant_123', 'tenant_456'] as const

export interface SeedFinding {
  readonly what: string
  readonly cachePrefix: string
  readonly value: unknown
  readonly prints: readonly string[]
  readonly asDocumented: boolean
}

/** Collects what runs print, one list a prefix. Give `onPrint` to the engine. */
export class PrintCollector {
  readonly #lines = new Map<string | undefined, string[]>()

  readonly onPrint = (line: string, { cachePrefix }: { readonly cachePrefix?: string | undefined }): void => {
    this.#lines.set(cachePrefix, [...(this.#lines.get(cachePrefix) ?? []), line])
  }

  /** What was printed under this prefix since it was last asked. */
  take(cachePrefix: string): string[] {
    const lines = this.#lines.get(cachePrefix) ?? []
    this.#lines.delete(cachePrefix)
    return lines
  }
}

/** Every example for itself: a prefix of its own for each tenant, so that no example sees another's entries. */
export async function checkExample(
  engine: Engine,
  printed: PrintCollector,
  seedCase: SeedCase,
  tenant: string,
): Promise<SeedFinding> {
  const cachePrefix = `${tenant}/${seedCase.file}`
  const value: unknown = await engine
    .eval(seedChunk(seedCase), [], { cachePrefix })
    .catch((error: unknown) => error)
  const prints = printed.take(cachePrefix)
  const asDocumented =
    isDeepStrictEqual(value, seedCase.expected) && isDeepStrictEqual(prints, [...seedCase.prints])
  return { what: seedCase.file, cachePrefix, value, prints, asDocumented }
}

/** Examples 04 and 05 belong together: two prefixes, one key, two values. */
export async function checkIsolation(engine: Engine): Promise<SeedFinding[]> {
  const expected = [150, 300]
  for (const [index, tenant] of TENANTS.entries()) {
    const seedCase = seedCases.find(({ expected: value }) => value === expected[index])
    if (seedCase === undefined) throw new Error(`no example stores ${expected[index]}`)
    await engine.eval(seedChunk(seedCase), [], { cachePrefix: tenant })
  }
  return Promise.all(
    TENANTS.map(async (cachePrefix, index) => {
      const value: unknown = await engine.eval('return cache.get("user_count")', [], { cachePrefix })
      const what = '04 and 05, one key'
      return { what, cachePrefix, value, prints: [], asDocumented: value === expected[index] }
    }),
  )
}
