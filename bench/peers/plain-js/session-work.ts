// works/session.lua in JavaScript.

import type { PlainWork } from './plain-host.js'

interface Session {
  readonly user_id: string
  readonly created_at: number
  readonly visits: number
  readonly last_activity: number
}

export const sessionWork: PlainWork = (cache) => ({
  visit: (sessionId: string, userId: string) => {
    const key = `session:${sessionId}`
    const now = Math.floor(Date.now() / 1_000)
    const known = cache.get(key) as Session | undefined
    const session: Session = {
      user_id: userId,
      created_at: now,
      ...known,
      visits: (known?.visits ?? 0) + 1,
      last_activity: now,
    }
    cache.putTtl(key, session, 86_400)
    return session.visits
  },
})
