// Express: a tenant's script as middleware.  node examples/express.mjs
import { readFileSync } from 'node:fs'
import express from 'express'
import { createEngine, InputError, LimitError } from 'moonpool'

const engine = await createEngine({ cache: { requirePrefix: true } })
const source = readFileSync(new URL('limiter.lua', import.meta.url))
const limiter = await engine.load(source, { name: 'limiter.lua' })

const app = express()

app.use(async (request, response, next) => {
  const client = new AbortController()
  response.once('close', () => client.abort()) // a run for nobody is stopped
  const answer = await limiter.run(
    { user: request.get('x-user') ?? 'nobody', per_minute: 5 },
    { cachePrefix: request.get('x-tenant'), signal: client.signal, result: 'json' }, // in earnest: who signed in
  )
  response.set('x-remaining', String(answer.remaining))
  if (answer.allowed) next()
  else response.status(429).json(answer)
})

app.get('/', (_request, response) => response.json({ hello: 'world' }))

// Express hands a rejected promise of a middleware to here.
app.use((error, _request, response, _next) => {
  const status = error instanceof InputError ? 400 : error instanceof LimitError ? 503 : 500
  response.status(status).json({ error: error.code ?? 'INTERNAL' })
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`port ${server.address().port}`)
})
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => server.close(() => engine.close()))
