// A pristine Lua for each run the way wasmoon's documentation shows it: one factory, a new engine per run, closed after
// it. The isolation is weaker than an image's (engines of one factory share a memory), the price is what it is.

import { LuaFactory } from 'wasmoon'

export interface EnginePerRun {
  /** Makes an engine, loads the source, calls its `main`, closes the engine. */
  runMain(source: string): Promise<unknown>
}

export function openEnginePerRun(): EnginePerRun {
  const factory = new LuaFactory()
  return {
    runMain: async (source) => {
      const lua = await factory.createEngine()
      try {
        await lua.doString(source)
        return lua.global.call('main')[0]
      } finally {
        lua.global.close()
      }
    },
  }
}
