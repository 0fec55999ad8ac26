// How many hot reads does a script do when the entries have a TTL?

import { cacheQuestion } from '../cache-cases.js'
import type { Question } from '../case.js'

export const question: Question = cacheQuestion(
  'How many hot reads does a script do when the entries have a TTL?',
  {
    work: 'hot get with a TTL',
    entries: 'timed',
    answer: 'value of session 3',
    name: 'read',
    args: ['timed'],
  },
  { perSecond: 5_500_000 },
)
