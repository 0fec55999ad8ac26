// Fastify: a tenant's script as a hook, the engine closed with the app.  node examples/fastify.mjs
import { readFileSync } from 'node:fs'
import fastify from 'fastify'
import { createEngine, InputError, LimitError } from 'moonpool'

const engine = await createEngine({ cache: { requirePrefix: true } })
const source = readFileSync(new URL('limiter.lua', import.meta.url))
const limiter = await engine.load(source, { name: 'limiter.lua' })

const app = fastify()
app.addHook('onClose', () => engine.close())

app.addHook('onRequest', async ({ headers }, reply) => {
  const client = new AbortController()
  reply.raw.once('close', () => client.abort()) // a run for nobody is stopped
  const answer = await limiter.run(
    { user: headers['x-user'] ?? 'nobody', per_minute: 5 },
    { cachePrefix: headers['x-tenant'], signal: client.signal, result: 'json' }, // in earnest: who signed in
  )
  reply.header('x-remaining', answer.remaining)
  if (!answer.allowed) return reply.code(429).send(answer)
})

app.setErrorHandler((error, _request, reply) => {
  const status = error instanceof InputError ? 400 : error instanceof LimitError ? 503 : 500
  return reply.code(status).send({ error: error.code ?? 'INTERNAL' })
})

app.get('/', async () => ({ hello: 'world' }))

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })
console.log(`port ${app.server.address().port}`)
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => app.close())
