// Opens what answers HTTP for one contender: a Node server in a process of its own, or nginx itself.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { NGINX } from '../contenders.js'
import { MissingPeer } from '../missing-peer.js'
import { startNginx } from '../peers/nginx-lua/nginx-server.js'
import type { Contender } from '../script-host.js'
import type { HttpTarget } from './http-load.js'
import type { ServerReport } from './limiter-server.js'

export async function openHttpTarget(contender: Contender): Promise<HttpTarget> {
  if (contender === NGINX) {
    const { port, pid, stop } = await startNginx('limiter', 'shared')
    return { port, pids: [pid], stop }
  }
  const child = fork(new URL('./limiter-server.js', import.meta.url), [contender.name], {
    stdio: ['ignore', 2, 'pipe', 'ipc'],
  })
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    words += chunk.toString('utf8')
  })
  const exited = once(child, 'exit')
  const started = await Promise.race([once(child, 'message'), exited.then(() => undefined)])
  if (started === undefined) {
    const [, missing] = words.match(/MissingPeer: (.+)/) ?? []
    throw missing === undefined
      ? new Error(`the server ended: ${words.slice(-1_000)}`)
      : new MissingPeer(missing)
  }
  const { port, pids } = started[0] as ServerReport
  return {
    port,
    pids,
    stop: async () => {
      child.disconnect()
      await exited
    },
  }
}
