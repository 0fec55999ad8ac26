// One run per request: what a server pays when each request asks the seed's rate limiter.

import type { Question } from '../case.js'
import { MOONPOOL, NAIVE } from '../contenders.js'
import { limiterCase, limiterName } from '../limiter.js'

export const question: Question = {
  text: 'How many rate-limiter runs does one worker answer, and what do they cost the main thread?',
  cases: [
    limiterCase(MOONPOOL, 64, [
      { figure: 'perSecond', atLeast: 200_000 },
      { figure: 'mainCpuUs', atMost: 3 },
    ]),
    limiterCase(NAIVE, 64),
    limiterCase(MOONPOOL, 1, [{ figure: 'p50Us', atMost: 60 }]),
    limiterCase(NAIVE, 1),
  ],
  comparisons: [
    { subject: limiterName(MOONPOOL, 64), peer: limiterName(NAIVE, 64), atLeast: 30 },
    { subject: limiterName(MOONPOOL, 64), peer: limiterName(NAIVE, 64), figure: 'mainCpuUs' },
    { subject: limiterName(MOONPOOL, 1), peer: limiterName(NAIVE, 1), figure: 'p50Us' },
    { subject: limiterName(MOONPOOL, 1), peer: limiterName(NAIVE, 1), figure: 'p99Us' },
  ],
}
