// The naive peer: what most people would write first. wasmoon's own API in Piscina workers, one task per run, the cache
// on the main thread behind comlink. It trusts its scripts: what comlink exposes, a script can reach.

import type { MessagePort } from 'node:worker_threads'
import { type Endpoint, expose } from 'comlink'
import { Piscina } from 'piscina'
import type { ScriptHost } from '../../script-host.js'
import { createNaiveCache, type NaiveCache } from './naive-cache.js'
import type { NaiveTask } from './naive-worker.js'

/** `cache` is for tests; else the pool makes its own. */
export async function openNaive(source: string, cache: NaiveCache = createNaiveCache()): Promise<ScriptHost> {
  const pool = new Piscina<NaiveTask, unknown[]>({
    filename: new URL('./naive-worker.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'async',
    recordTiming: false,
    workerData: { source },
  })
  const ports: MessagePort[] = []
  pool.on('message', ({ cachePort }: { cachePort: MessagePort }) => {
    ports.push(cachePort)
    expose(cache, cachePort as unknown as Endpoint)
  })
  pool.on('error', () => {})
  return {
    run: async (args, cachePrefix) => (await pool.run({ name: 'main', args: [args], cachePrefix }))[0],
    call: (name, args, cachePrefix) => pool.run({ name, args, cachePrefix }),
    close: async () => {
      await pool.destroy()
      for (const port of ports) port.close()
    },
  }
}
