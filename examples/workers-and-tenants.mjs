// Two tenants, two threads, one store: who sees what, and what a script that never ends does to the others.
import { createEngine } from 'moonpool'

const engine = await createEngine({
  threads: 2,
  cache: { requirePrefix: true, maxTtlMs: 3_600_000 },
  onPrint: (line, { cachePrefix }) => console.log(`${cachePrefix} prints: ${line}`),
})

const visits = await engine.load(
  `seen = 0                                           -- a global: back to 0 before every run
   function main(page)
     seen = seen + 1
     local count = cache.get(page, 0) + 1             -- the cache lasts, and is this tenant's own
     cache.put(page, count)
     if page == "/loop" then while true do end end
     if page == "/home" then print("visit " .. count .. ", seen = " .. seen) end
     return count
   end`,
  { name: 'visits.lua' },
)

// A run sees the writes of every run whose result is known, whichever thread had it.
for (const cachePrefix of ['acme', 'acme', 'zenith']) await visits.run('/home', { cachePrefix })

// acme's endless loop has one thread until its timeout; zenith's runs go on beside it.
const loop = visits.run('/loop', { cachePrefix: 'acme', timeoutMs: 100 }).catch((error) => error)
const others = Array.from({ length: 100 }, () => visits.run('/shop', { cachePrefix: 'zenith' }))
console.log(`zenith had ${(await Promise.all(others)).length} answers meanwhile`)
console.log(`acme got ${(await loop).code}`)

console.log(`acme    /home: ${await engine.cache.withPrefix('acme').get('/home')}`)
console.log(`zenith  /home: ${await engine.cache.withPrefix('zenith').get('/home')}`)
await engine.close()
