// What does a hot read cost as the values grow?

import type { Question } from '../case.js'
import { MOONPOOL, NGINX, PLAIN_JS, REDIS } from '../contenders.js'
import { growthCase } from '../growth-cases.js'

export const question: Question = {
  text: 'What does a hot read cost as the values grow?',
  cases: [16, 256, 4_096, 65_536].flatMap((valueBytes) =>
    [MOONPOOL, PLAIN_JS, NGINX, REDIS].map((contender) =>
      growthCase(contender, {
        work: 'hot get of a string, bytes:',
        x: valueBytes,
        // 1,000 values of 64 KiB are more than the cache's default of bytes; read_hot spreads 1,000 keys over them.
        entries: valueBytes > 4_096 ? 500 : 1_000,
        valueBytes,
        call: valueBytes > 4_096 ? 'read_all' : 'read_hot',
      }),
    ),
  ),
  comparisons: [],
  plots: [{ kind: 'growth', figure: 'eachUs', xLabel: 'bytes of a value' }],
}
