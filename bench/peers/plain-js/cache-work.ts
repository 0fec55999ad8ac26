// works/cache.lua in JavaScript.

import type { PlainWork } from './plain-host.js'

const PROFILE = {
  id: 123,
  name: 'John Doe',
  email: 'john@example.com',
  age: 42,
  active: true,
  score: 99.5,
  created: 1_700_000_000,
  preferences: { theme: 'dark', language: 'en', notifications: { email: true, sms: false, push: true } },
  roles: ['user', 'admin', 'editor'],
  address: { street: 'Main Street 1', city: 'Springfield', zip: '12345', country: 'US' },
}

/** From 0 on, so that index n holds what Lua's index n holds. */
const named = (kind: string): string[] => Array.from({ length: 1_001 }, (_, n) => `${kind}:${n}`)

export const cacheWork: PlainWork = (cache) => {
  const sets: Readonly<Record<string, readonly string[]>> = {
    keys: named('user'),
    timed: named('session'),
    absent: named('nobody'),
  }
  const keyOf = (set: string, n: number): string => (sets[set] as readonly string[])[n] as string
  return {
    fill_in: (what: string) => {
      if (what === 'profile') cache.put('profile', PROFILE)
      for (let n = 1; n <= 1_000; n++) {
        if (what === 'keys') cache.put(keyOf('keys', n), `value of user ${n}`)
        if (what === 'timed') cache.putTtl(keyOf('timed', n), `value of session ${n}`, 3_600)
      }
      return true
    },
    answer: (what: string) => {
      if (what !== 'profile') return cache.get(keyOf(what, 3)) ?? 'nothing'
      const found = cache.get('profile') as typeof PROFILE
      return `${found.address.city}, ${found.roles[2]}`
    },
    read: (set: string, times: number) => {
      const keys = sets[set] as readonly string[]
      let value: unknown
      for (let n = 1; n <= times; n++) value = cache.get(keys[(n % 1_000) + 1] as string)
      return value
    },
    read_profile: (times: number) => {
      let value: unknown
      for (let n = 1; n <= times; n++) value = cache.get('profile')
      return (value as typeof PROFILE).name
    },
    write: (times: number) => {
      for (let n = 1; n <= times; n++)
        cache.putTtl(keyOf('timed', (n % 1_000) + 1), 'value of session', 3_600)
      return cache.get(keyOf('timed', (times % 1_000) + 1))
    },
    nine_to_one: (times: number) => {
      const keys = sets.keys as readonly string[]
      let value: unknown
      for (let n = 1; n <= times; n++) {
        const key = keys[(n % 1_000) + 1] as string
        if (n % 10 === 0) cache.putTtl(key, 'value', 3_600)
        else value = cache.get(key)
      }
      return value
    },
  }
}
