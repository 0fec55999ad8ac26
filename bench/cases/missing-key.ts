// How many reads of a missing key does a script do in a second?

import { COPYING_CONTENDERS, cacheQuestion } from '../cache-cases.js'
import type { Question } from '../case.js'

export const question: Question = cacheQuestion(
  'How many reads of a missing key does a script do in a second?',
  { work: 'get of a missing key', entries: 'absent', answer: 'nothing', name: 'read', args: ['absent'] },
  { perSecond: 12_000_000 },
  COPYING_CONTENDERS,
)
