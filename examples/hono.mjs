// Hono on Node: a tenant's script as middleware.  node examples/hono.mjs
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createEngine, InputError, LimitError } from 'moonpool'

const engine = await createEngine({ cache: { requirePrefix: true } })
const source = readFileSync(new URL('limiter.lua', import.meta.url))
const limiter = await engine.load(source, { name: 'limiter.lua' })

const app = new Hono()

app.use(async (context, next) => {
  const answer = await limiter.run(
    { user: context.req.header('x-user') ?? 'nobody', per_minute: 5 },
    // The tenant: in earnest, who signed in. The signal: a run for nobody is stopped.
    { cachePrefix: context.req.header('x-tenant'), signal: context.req.raw.signal, result: 'json' },
  )
  context.header('x-remaining', String(answer.remaining))
  if (!answer.allowed) return context.json(answer, 429)
  await next()
})

app.onError((error, context) => {
  const status = error instanceof InputError ? 400 : error instanceof LimitError ? 503 : 500
  return context.json({ error: error.code ?? 'INTERNAL' }, status)
})

app.get('/', (context) => context.json({ hello: 'world' }))

const port = Number(process.env.PORT ?? 3000)
const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (address) => {
  console.log(`port ${address.port}`)
})
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => server.close(() => engine.close()))
