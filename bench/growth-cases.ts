// Cases on a curve of growth: the same work with more of something, works/growth.lua under several contenders.

import assert from 'node:assert/strict'
import type { BenchCase } from './case.js'
import { createRepeater, PREFIX } from './repeated-calls.js'
import type { Contender, ScriptHost } from './script-host.js'
import { loadWork } from './works.js'

const ENTRIES_PER_RUN = 1_000

/** By many runs, as entries come in real life: a run's own writes wait in its worker until main has applied them. */
export async function fillEntries(host: ScriptHost, entries: number, valueBytes: number): Promise<void> {
  for (let first = 1; first <= entries; first += ENTRIES_PER_RUN) {
    const last = Math.min(entries, first + ENTRIES_PER_RUN - 1)
    assert.deepEqual(await host.call('fill', [first, last, valueBytes], PREFIX), [valueBytes])
  }
}

export interface GrowthStep {
  readonly work: string
  readonly x: number
  readonly entries: number
  readonly valueBytes: number
  readonly call: 'read_hot' | 'read_all'
}

export function growthName({ name }: Contender, { work, x }: Pick<GrowthStep, 'work' | 'x'>): string {
  return `${name} ${work} ${x.toLocaleString('en-US')}`
}

export function growthCase(contender: Contender, step: GrowthStep): BenchCase {
  const { work, x, entries, valueBytes, call } = step
  return {
    name: growthName(contender, step),
    contender: contender.name,
    work,
    x,
    open: async () => {
      const host = await contender.open(loadWork('growth'))
      return {
        check: async () => {
          await fillEntries(host, entries, valueBytes)
          assert.deepEqual(await host.call(call, [entries, 2_000], PREFIX), [valueBytes])
        },
        measure: createRepeater(host, { name: call, args: [entries] }),
        cleanup: () => host.close(),
      }
    },
  }
}
