// How many hot reads of a profile table (20 fields, nested) does a script do in a second?

import { COPYING_CONTENDERS, cacheQuestion } from '../cache-cases.js'
import type { Question } from '../case.js'
import { NGINX } from '../contenders.js'

export const question: Question = cacheQuestion(
  'How many hot reads of a profile table (20 fields, nested) does a script do in a second?',
  {
    work: 'hot get of a profile',
    entries: 'profile',
    answer: 'Springfield, editor',
    name: 'read_profile',
    args: [],
  },
  { perSecond: 600_000, ahead: [{ of: NGINX, atLeast: 1.5 }] },
  COPYING_CONTENDERS,
)
