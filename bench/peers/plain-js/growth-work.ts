// works/growth.lua in JavaScript.

import type { PlainWork } from './plain-host.js'

const MAX_ENTRIES = 50_000

export const growthWork: PlainWork = (cache) => {
  const keys = Array.from({ length: MAX_ENTRIES + 1 }, (_, n) => `user:${n}`)
  const read = (n: number): string => cache.get(keys[n] as string) as string
  return {
    fill: (first: number, last: number, bytes: number) => {
      // A string of its own for each entry, as if each had come from elsewhere.
      for (let n = first; n <= last; n++)
        cache.put(keys[n] as string, Buffer.alloc(bytes, 'x').toString('latin1'))
      return read(last).length
    },
    read_hot: (count: number, times: number) => {
      const step = count / 1_000
      let value = ''
      for (let n = 1; n <= times; n++) value = read((n % 1_000) * step + 1)
      return value.length
    },
    read_all: (count: number, times: number) => {
      let value = ''
      for (let n = 1; n <= times; n++) value = read(((n * 7_919) % count) + 1)
      return value.length
    },
  }
}
