// works/limiter.lua in JavaScript.

import type { PlainWork } from './plain-host.js'

export const limiterWork: PlainWork = (cache) => ({
  check_rate_limit: (userId: string, limit: number, windowSeconds: number) => {
    const key = `rate_limit:${userId}`
    const current = (cache.get(key) as number | undefined) ?? 0
    if (current >= limit) return false
    cache.putTtl(key, current + 1, windowSeconds)
    return true
  },
})
