// The subject: the engine by its public API, with its defaults except for one worker.

import { createEngine } from '../src/index.js'
import type { LuaInput } from '../src/shared/values.js'
import type { ScriptHost } from './script-host.js'

/** A bench run may hold thousands of operations, and a shared machine may stop for a moment. */
const TIMEOUT_MS = 60_000

export async function openMoonpool(source: string): Promise<ScriptHost> {
  const engine = await createEngine({ threads: 1, limits: { timeoutMs: TIMEOUT_MS } })
  const script = await engine.load(source, { name: 'bench.lua' })
  return {
    run: (args, cachePrefix) => script.run(args as LuaInput, { cachePrefix }),
    call: (name, args, cachePrefix) => script.call(name, args as readonly LuaInput[], { cachePrefix }),
    close: () => engine.close(),
  }
}
