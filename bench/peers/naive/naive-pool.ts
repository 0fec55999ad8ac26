// The naive peer: what most people would write first. wasmoon's own API in Piscina workers, one task per run, the cache
// on the main thread behind comlink. It trusts its scripts: what comlink exposes, a script can reach.

import type { MessagePort } from 'node:worker_threads'
import { type Endpoint, expose } from 'comlink'
import { Piscina } from 'piscina'
import type { ScriptHost } from '../../script-host.js'
import { createNaiveCache, type NaiveCache } from './naive-cache.js'
import type { NaiveTask } from './naive-worker.js'

export interface NaiveOptions {
  /** Default 1. */
  readonly threads?: number
  /** For tests; else the pool makes its own. */
  readonly cache?: NaiveCache
  /** wasmoon's own deadline for each run. Default: none. */
  readonly timeoutMs?: number
}

export async function openNaive(
  source: string,
  { threads = 1, cache = createNaiveCache(), timeoutMs }: NaiveOptions = {},
): Promise<ScriptHost> {
  const pool = new Piscina<NaiveTask, unknown[]>({
    filename: new URL('./naive-worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
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
    run: async (args, cachePrefix) =>
      (await pool.run({ name: 'main', args: [args], cachePrefix, timeoutMs }))[0],
    call: (name, args, cachePrefix) => pool.run({ name, args, cachePrefix, timeoutMs }),
    close: async () => {
      await pool.destroy()
      for (const port of ports) port.close()
    },
  }
}
