// Redis as a script host: its Lua, its data, from Node by either client and in either form (script or Function). Both
// clients pipeline what is asked for in one turn.

import type { ScriptHost } from '../../script-host.js'
import type { Work } from '../../works.js'
import { readAnswer, redisSources } from './redis-script.js'
import { startRedis } from './redis-server.js'

export type RedisForm = 'script' | 'function'
export type RedisClientName = 'ioredis' | 'node-redis'

/** What differs between the clients. */
interface Client {
  loadLibrary(code: string): Promise<unknown>
  loadScript(code: string): Promise<string>
  callFunction(name: string, prefix: string, args: string[]): Promise<unknown>
  callScript(sha: string, prefix: string, args: string[]): Promise<unknown>
  close(): Promise<unknown>
}

async function connectIoredis(port: number): Promise<Client> {
  const { Redis } = await import('ioredis')
  const redis = new Redis({ port, host: '127.0.0.1', enableAutoPipelining: true })
  redis.on('error', () => {})
  return {
    loadLibrary: (code) => redis.function('LOAD', code),
    loadScript: async (code) => (await redis.script('LOAD', code)) as string,
    callFunction: (name, prefix, args) => redis.fcall(name, 1, prefix, ...args),
    callScript: (sha, prefix, args) => redis.evalsha(sha, 1, prefix, ...args),
    close: async () => redis.disconnect(),
  }
}

async function connectNodeRedis(port: number): Promise<Client> {
  const { createClient } = await import('@redis/client')
  const redis = createClient({ socket: { port, host: '127.0.0.1' } })
  redis.on('error', () => {})
  await redis.connect()
  return {
    loadLibrary: (code) => redis.functionLoad(code),
    loadScript: (code) => redis.scriptLoad(code),
    callFunction: (name, prefix, args) => redis.fCall(name, { keys: [prefix], arguments: args }),
    callScript: (sha, prefix, args) => redis.evalSha(sha, { keys: [prefix], arguments: args }),
    close: async () => redis.destroy(),
  }
}

async function loadScripts(
  client: Client,
  scripts: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const shas = new Map<string, string>()
  for (const [name, code] of scripts) shas.set(name, await client.loadScript(code))
  return shas
}

export async function openRedis(
  work: Work,
  clientName: RedisClientName,
  form: RedisForm,
): Promise<ScriptHost> {
  const server = await startRedis()
  const client = await (clientName === 'ioredis'
    ? connectIoredis(server.port)
    : connectNodeRedis(server.port))
  const close = async (): Promise<void> => {
    await client.close()
    await server.stop()
  }
  try {
    const { library, scripts } = redisSources(work)
    const shas = form === 'script' ? await loadScripts(client, scripts) : undefined
    if (shas === undefined) await client.loadLibrary(library)
    const ask = (name: string, prefix: string, args: string[]): Promise<unknown> =>
      shas === undefined
        ? client.callFunction(name, prefix, args)
        : client.callScript(shas.get(name) ?? name, prefix, args)
    const call = async (name: string, args: readonly unknown[], prefix: string): Promise<unknown[]> =>
      readAnswer(name, await ask(name, prefix, args.map(String)))
    return {
      run: async (args, prefix) => (await call('main', [args], prefix))[0],
      call,
      close,
      serverPid: server.pid,
    }
  } catch (error) {
    await close()
    throw error
  }
}
