// How many operations does a script do, nine reads to one put_ttl?

import { cacheQuestion } from '../cache-cases.js'
import type { Question } from '../case.js'

export const question: Question = cacheQuestion(
  'How many operations does a script do, nine reads to one put_ttl?',
  {
    work: 'nine reads to a write',
    entries: 'keys',
    answer: 'value of user 3',
    name: 'nine_to_one',
    args: [],
  },
  { perSecond: 2_500_000 },
)
