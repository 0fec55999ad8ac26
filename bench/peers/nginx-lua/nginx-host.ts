// nginx with Lua as a script host: one request over a kept connection is one call. Only for works that do much in a
// call: the way there is HTTP.

import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { ScriptHost } from '../../script-host.js'
import type { Work } from '../../works.js'
import { type NginxCache, startNginx } from './nginx-server.js'

export async function openNginx(work: Work, cache: NginxCache): Promise<ScriptHost> {
  const server = await startNginx(work.name, cache)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const call = async (
    name: string,
    args: readonly unknown[],
    cachePrefix: string,
  ): Promise<readonly unknown[]> => {
    const reply = await post(server.port, agent, JSON.stringify({ name, args, prefix: cachePrefix }))
    const answers: unknown = JSON.parse(reply)
    // An empty Lua table is an object in JSON.
    return Array.isArray(answers) ? answers : []
  }
  return {
    run: async (args, cachePrefix) => (await call('main', [args], cachePrefix))[0],
    call,
    close: async () => {
      agent.destroy()
      await server.stop()
    },
    serverPid: server.pid,
  }
}

function post(port: number, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path: '/call', method: 'POST', agent }, (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 200) resolve(answer)
        else reject(new Error(`nginx answered ${response.statusCode}: ${answer.slice(0, 200)}`))
      }, reject)
    })
    sent.on('error', reject)
    sent.setHeader('content-length', Buffer.byteLength(body))
    sent.end(body)
  })
}
