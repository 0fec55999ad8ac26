// The naive peer's worker: one wasmoon engine per thread, made once; the script loaded once; one Piscina task per run.
//
// What an afternoon teaches and is done here:
//   - Host functions are asynchronous (comlink), Lua is not: the `cache` table is a few lines of Lua around promises
//     and `:await()`, so that scripts written for a synchronous cache run as they are.
//   - Functions are set one by one: a table of them would be a proxy, with a call into JS for each field read.
//   - `:await()` works in a Lua thread only, so a run gets a thread of its own; `doString` per call would compile each
//     time and leaves its results on the stack until wasmoon breaks.
//   - Piscina must run with `atomics: 'async'`, or comlink is never served.

import { MessageChannel, parentPort, workerData } from 'node:worker_threads'
import { type Endpoint, type Remote, wrap } from 'comlink'
import { type LuaEngine, LuaFactory } from 'wasmoon'
import type { NaiveCache } from './naive-cache.js'

export interface NaiveTask {
  readonly name: string
  readonly args: readonly unknown[]
  readonly cachePrefix: string
  readonly timeoutMs: number | undefined
}

const CACHE_MODULE = `
local get, put, put_ttl = __cache_get, __cache_put, __cache_put_ttl
__cache_get, __cache_put, __cache_put_ttl = nil, nil, nil
cache = {
  get = function(key, default)
    local value = get(key):await()
    if value == nil then return default end
    return value
  end,
  put = function(key, value) return put(key, value):await() end,
  put_ttl = function(key, value, ttl_seconds) return put_ttl(key, value, ttl_seconds):await() end,
}
`

/** One run at a time per worker, so this is the prefix of whatever calls the cache. */
let cachePrefix = ''

function connectCache(): Remote<NaiveCache> {
  if (parentPort === null) throw new Error('naive-worker: started by Piscina only')
  const { port1, port2 } = new MessageChannel()
  parentPort.postMessage({ cachePort: port2 }, [port2])
  return wrap<NaiveCache>(port1 as unknown as Endpoint)
}

async function createLua(source: string): Promise<LuaEngine> {
  const cache = connectCache()
  const lua = await new LuaFactory().createEngine()
  lua.global.set('__cache_get', (key: string) => cache.get(`${cachePrefix}:${key}`))
  lua.global.set('__cache_put', (key: string, value: unknown) => cache.put(`${cachePrefix}:${key}`, value))
  lua.global.set('__cache_put_ttl', (key: string, value: unknown, ttlSeconds: number) =>
    cache.putTtl(`${cachePrefix}:${key}`, value, ttlSeconds),
  )
  await lua.doString(CACHE_MODULE)
  await lua.doString(source)
  return lua
}

const { source } = workerData as { source: string }
const lua = await createLua(source)

export default async function run(task: NaiveTask): Promise<unknown[]> {
  cachePrefix = task.cachePrefix
  const thread = lua.global.newThread()
  const threadIndex = lua.global.getTop()
  try {
    thread.lua.lua_getglobal(thread.address, task.name)
    for (const arg of task.args) thread.pushValue(arg)
    const options = task.timeoutMs === undefined ? undefined : { timeout: task.timeoutMs }
    return [...(await thread.run(task.args.length, options))]
  } finally {
    lua.global.remove(threadIndex)
  }
}
