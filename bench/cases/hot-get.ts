// How many hot reads of a string does a script do in a second?

import { cacheQuestion } from '../cache-cases.js'
import type { Question } from '../case.js'
import { NAIVE, NGINX } from '../contenders.js'

export const question: Question = cacheQuestion(
  'How many hot reads of a string does a script do in a second?',
  { work: 'hot get of a string', entries: 'keys', answer: 'value of user 3', name: 'read', args: ['keys'] },
  {
    perSecond: 6_500_000,
    ahead: [
      { of: NGINX, atLeast: 1.2 },
      { of: NAIVE, atLeast: 400 },
    ],
  },
)
