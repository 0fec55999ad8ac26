// The subject: the engine by its public API, with its defaults except for the number of workers.

import { createEngine } from '../src/index.js'
import type { LuaInput } from '../src/shared/values.js'
import type { HostOptions, ScriptHost } from './script-host.js'

/** A bench run may hold thousands of operations, and a shared machine may stop for a moment. */
const TIMEOUT_MS = 60_000

export async function openMoonpool(source: string, options: HostOptions = {}): Promise<ScriptHost> {
  const { threads = 1, niceIncrement } = options
  const limits = { timeoutMs: TIMEOUT_MS }
  const engine = await createEngine({ threads, niceIncrement, limits, onPrint: () => {} })
  const script = await engine.load(source, { name: 'bench.lua' })
  return {
    run: (args, cachePrefix) => script.run(args as LuaInput, { cachePrefix }),
    call: (name, args, cachePrefix) => script.call(name, args as readonly LuaInput[], { cachePrefix }),
    close: () => engine.close(),
  }
}
