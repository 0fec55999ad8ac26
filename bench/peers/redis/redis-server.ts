// A Redis of one's own: no persistence, memory only.

import { findProgram } from '../../missing-peer.js'
import { type PeerServer, startServer } from '../../peer-server.js'

export function startRedis(): Promise<PeerServer> {
  return startServer({
    program: findProgram('redis-server', 'redis-server'),
    configure: (port, folder) => ({
      args: ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    }),
  })
}
