// Who is compared. Each is loaded where it is opened: no case carries the code of another. The order is that of tables
// and plots: the subject first.

import type { Contender } from './script-host.js'

export const MOONPOOL: Contender = {
  name: 'moonpool',
  open: async (work, options) => (await import('./moonpool.js')).openMoonpool(work.lua, options),
}

/** The same where its workers leave the main thread its core. */
export const MOONPOOL_YIELDING: Contender = {
  name: 'moonpool, niceIncrement 3',
  open: (work, options) => MOONPOOL.open(work, { ...options, niceIncrement: 3 }),
}

export const NAIVE: Contender = {
  name: 'naive',
  open: async ({ lua }, options) => (await import('./peers/naive/naive-pool.js')).openNaive(lua, options),
}

export const PLAIN_JS: Contender = {
  name: 'plain JS',
  open: async (work) => (await import('./peers/plain-js/plain-host.js')).openPlainJs(work),
}

export const FENGARI: Contender = {
  name: 'fengari',
  open: async (work) => (await import('./peers/fengari/fengari-host.js')).openFengari(work),
}

export const NGINX: Contender = {
  name: 'nginx-lua',
  open: async (work) => (await import('./peers/nginx-lua/nginx-host.js')).openNginx(work, 'shared'),
}

export const NGINX_LRUCACHE: Contender = {
  name: 'nginx-lua lrucache',
  open: async (work) => (await import('./peers/nginx-lua/nginx-host.js')).openNginx(work, 'worker'),
}

/** Redis by a client and a form; inside one script both are the same, and that one is called `Redis`. */
function redisContender(
  name: string,
  client: 'ioredis' | 'node-redis',
  form: 'script' | 'function',
): Contender {
  return {
    name,
    open: async (work) => (await import('./peers/redis/redis-host.js')).openRedis(work, client, form),
  }
}

export const REDIS = redisContender('Redis', 'ioredis', 'function')
export const REDIS_FROM_NODE: readonly Contender[] = [
  redisContender('Redis EVALSHA', 'ioredis', 'script'),
  redisContender('Redis FCALL', 'ioredis', 'function'),
  redisContender('node-redis EVALSHA', 'node-redis', 'script'),
  redisContender('node-redis FCALL', 'node-redis', 'function'),
]

export const LUA: Contender = {
  name: 'lua5.4',
  open: async (work) => (await import('./peers/lua/lua-host.js')).openLua(work, 'lua5.4', 'lua5.4'),
}

/** Debian's nginx module wants luajit2; the package luajit would take it away. */
export const LUAJIT: Contender = {
  name: 'luajit',
  open: async (work) => (await import('./peers/lua/lua-host.js')).openLua(work, 'luajit', 'luajit2'),
}

const ALL: readonly Contender[] = [
  MOONPOOL,
  MOONPOOL_YIELDING,
  PLAIN_JS,
  NGINX,
  NGINX_LRUCACHE,
  REDIS,
  ...REDIS_FROM_NODE,
  LUAJIT,
  LUA,
  FENGARI,
  NAIVE,
]

/** In the order in which tables and plots show them, the subject first. */
export const CONTENDER_NAMES: readonly string[] = ALL.map(({ name }) => name)

export function contenderNamed(name: string): Contender {
  const found = ALL.find((contender) => contender.name === name)
  if (found === undefined) throw new Error(`no contender is called '${name}'`)
  return found
}
