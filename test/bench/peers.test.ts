// Each peer does the work that it is timed for: the same checks that stand before every measurement. A peer that this
// machine does not have is said to be missing, and skipped.

import { test } from 'node:test'
import type { BenchCase, Question } from '../../bench/case.js'
import { question as argumentCost } from '../../bench/cases/argument-cost.js'
import { question as compute } from '../../bench/cases/compute.js'
import { question as growthValueSize } from '../../bench/cases/growth-value-size.js'
import { question as hotGet } from '../../bench/cases/hot-get.js'
import { question as hotGetTtl } from '../../bench/cases/hot-get-ttl.js'
import { question as httpRateLimiter } from '../../bench/cases/http-rate-limiter.js'
import { question as profileGet } from '../../bench/cases/profile-get.js'
import { question as rateLimiterRun } from '../../bench/cases/rate-limiter-run.js'
import { question as sessionRun } from '../../bench/cases/session-run.js'
import { MissingPeer } from '../../bench/missing-peer.js'

const QUESTIONS: readonly Question[] = [
  hotGet,
  hotGetTtl,
  profileGet,
  rateLimiterRun,
  sessionRun,
  httpRateLimiter,
  compute,
  growthValueSize,
  argumentCost,
]

/** What has files of its own elsewhere: the whole suite is about moonpool, naive.test.ts about naive. */
const TESTED_ELSEWHERE = ['moonpool', 'naive']

/** One case for each peer and kind of work: how many are in flight changes nothing here. */
function distinctCases({ cases }: Question): BenchCase[] {
  const kind = ({ contender, work }: BenchCase): string => `${contender} ${work?.split(',')[0]}`
  return cases.filter(
    (each, index) =>
      !TESTED_ELSEWHERE.includes(each.contender ?? '') &&
      cases.findIndex((other) => kind(other) === kind(each)) === index,
  )
}

for (const { open, name } of QUESTIONS.flatMap(distinctCases)) {
  test(`${name}: passes its check`, async (t) => {
    const opened = await open().catch((error: unknown) => {
      if (!(error instanceof MissingPeer)) throw error
      t.skip(error.message)
    })
    if (opened === undefined) return
    t.after(() => opened.cleanup())
    await opened.check()
  })
}
