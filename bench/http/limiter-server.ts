// A server that asks a rate limiter at each request: node:http around one contender, in a process of its own, so that
// the load generator is not on its main thread. Says its port and process ids; ends when its parent is gone.
//
//   limiter-server.js <contender>      GET /limit/<user> → 200 or 429

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contenderNamed, PLAIN_JS } from '../contenders.js'
import { limiterWork } from '../peers/plain-js/limiter-work.js'
import { createPlainCache } from '../peers/plain-js/plain-host.js'
import { loadWork } from '../works.js'

export interface ServerReport {
  readonly port: number
  readonly pids: readonly [number, ...number[]]
}

const PREFIX = 'tenant_123'
const LIMIT = 1_000_000_000
const WINDOW_SECONDS = 3_600
const PATH = '/limit/'

/** Plain JavaScript's own answer, or the promise of a script's results. */
type Ask = (user: string, limit: number) => boolean | Promise<readonly unknown[]>

async function openAsk(name: string): Promise<{ ask: Ask; pids: readonly number[] }> {
  if (name === PLAIN_JS.name) {
    // As a server in JavaScript has it: a plain call.
    const { check_rate_limit: check } = limiterWork(createPlainCache(() => PREFIX))
    const allowed = check as (user: string, limit: number, windowSeconds: number) => boolean
    return { ask: (user, limit) => allowed(user, limit, WINDOW_SECONDS), pids: [] }
  }
  const host = await contenderNamed(name).open(loadWork('limiter'))
  const ask: Ask = (user, limit) => host.call('check_rate_limit', [user, limit, WINDOW_SECONDS], PREFIX)
  return { ask, pids: host.serverPid === undefined ? [] : [host.serverPid] }
}

function answer(response: ServerResponse, allowed: boolean): void {
  response.writeHead(allowed ? 200 : 429, { 'content-type': 'text/plain', 'content-length': 7 })
  response.end(allowed ? 'allowed' : 'refused')
}

async function serve(name: string): Promise<void> {
  const { ask, pids } = await openAsk(name)
  const server = createServer((request, response) => {
    // `/limit/<user>` has the usual limit; `/limit/once-<user>` lets one pass, for the check.
    const user = (request.url ?? '').slice(PATH.length)
    const asked = ask(user, user.startsWith('once-') ? 1 : LIMIT)
    if (typeof asked === 'boolean') answer(response, asked)
    else
      asked.then(
        ([allowed]) => answer(response, allowed === true),
        (error: unknown) => {
          console.error(error)
          response.writeHead(500).end()
        },
      )
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.send?.({ port, pids: [process.pid, ...pids] } satisfies ServerReport)
  })
}

process.on('disconnect', () => process.exit(0))
await serve(process.argv[2] ?? '')
