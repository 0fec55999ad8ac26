// Cases about one cache operation inside a script: works/cache.lua under every contender, one worker each.

import assert from 'node:assert/strict'
import type { BenchCase, Comparison, Goal, Question } from './case.js'
import { FENGARI, MOONPOOL, NAIVE, NGINX, NGINX_LRUCACHE, PLAIN_JS, REDIS } from './contenders.js'
import { createRepeater, PREFIX, type RepeatedCall } from './repeated-calls.js'
import type { Contender } from './script-host.js'
import { loadWork } from './works.js'

/** Everybody who has a cache inside a script. */
export const CACHE_CONTENDERS: readonly Contender[] = [
  MOONPOOL,
  PLAIN_JS,
  NGINX,
  NGINX_LRUCACHE,
  REDIS,
  FENGARI,
  NAIVE,
]

/**
 * lua-resty-lrucache hands out the stored table itself, where all others hand out a copy; and LuaJIT leaves out a read
 * in a loop that nothing can change. Where that is all there is to measure, it takes no part.
 */
export const COPYING_CONTENDERS = CACHE_CONTENDERS.filter((contender) => contender !== NGINX_LRUCACHE)

export interface CacheOperation extends RepeatedCall {
  /** As tables and plots call it. */
  readonly work: string
  /** The set of entries that works/cache.lua fills in first. */
  readonly entries: 'keys' | 'timed' | 'absent' | 'profile'
  /** What reading one of them gives. */
  readonly answer: unknown
}

export function cacheCase(
  operation: CacheOperation,
  contender: Contender,
  goals: readonly Goal[],
): BenchCase {
  const { work, entries, answer } = operation
  return {
    name: `${contender.name} ${work}`,
    contender: contender.name,
    work,
    goals,
    open: async () => {
      const host = await contender.open(loadWork('cache'))
      return {
        check: async () => {
          assert.deepEqual(await host.call('fill_in', [entries], PREFIX), [true])
          assert.deepEqual(await host.call('answer', [entries], PREFIX), [answer])
        },
        measure: createRepeater(host, operation),
        cleanup: () => host.close(),
      }
    },
  }
}

/** What moonpool must reach, and how far ahead of whom. */
export interface CacheTargets {
  readonly perSecond?: number
  readonly ahead?: readonly { readonly of: Contender; readonly atLeast: number }[]
}

export function cacheQuestion(
  text: string,
  operation: CacheOperation,
  { perSecond, ahead = [] }: CacheTargets = {},
  contenders: readonly Contender[] = CACHE_CONTENDERS,
): Question {
  const goals: Goal[] = perSecond === undefined ? [] : [{ figure: 'perSecond', atLeast: perSecond }]
  return {
    text,
    cases: contenders.map((contender) =>
      cacheCase(operation, contender, contender === MOONPOOL ? goals : []),
    ),
    comparisons: ahead.map(
      ({ of, atLeast }): Comparison => ({
        subject: `${MOONPOOL.name} ${operation.work}`,
        peer: `${of.name} ${operation.work}`,
        atLeast,
      }),
    ),
    plots: [{ kind: 'bars', figure: 'perSecond' }],
  }
}
