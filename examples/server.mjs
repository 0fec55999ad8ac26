// A rate limiter over HTTP:  node examples/server.mjs  and  curl -H 'x-tenant: acme' -H 'x-user: ann' localhost:3000
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createEngine } from 'moonpool'

const engine = await createEngine({ cache: { requirePrefix: true } })
const source = readFileSync(new URL('limiter.lua', import.meta.url))
const limiter = await engine.load(source, { name: 'limiter.lua' })
const server = createServer(async ({ headers }, response) => {
  const client = new AbortController()
  response.once('close', () => client.abort()) // a run for nobody is stopped
  const request = { user: headers['x-user'] ?? 'nobody', per_minute: 5 }
  const options = { cachePrefix: headers['x-tenant'], signal: client.signal, result: 'json' } // in earnest: who signed in
  const answer = await limiter.run(request, options).catch(({ code, message }) => ({ code, message }))
  const failure = answer.code && (answer.code === 'MOONPOOL_INVALID_OPTION' ? 400 : 503)
  response.writeHead(failure ?? (answer.allowed ? 200 : 429), { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(answer)}\n`)
})
server.listen(process.env.PORT ?? 3000, '127.0.0.1', () => console.log(`port ${server.address().port}`))
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => server.close(() => engine.close()))
