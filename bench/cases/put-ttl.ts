// How many writes with a TTL does a script do in a second, applied?

import { cacheQuestion } from '../cache-cases.js'
import type { Question } from '../case.js'

export const question: Question = cacheQuestion(
  'How many writes with a TTL does a script do in a second, applied?',
  { work: 'put_ttl of a string', entries: 'timed', answer: 'value of session 3', name: 'write', args: [] },
)
