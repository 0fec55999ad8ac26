// Runs a file: by its `main` if it has one, as a chunk otherwise. Which of both shows at the first run.

import { performance } from 'node:perf_hooks'
import type { MoonpoolErrorCode } from '../errors.js'
import { MoonpoolError } from '../errors.js'
import type { Engine, LuaArgument, LuaValue, RunOptions, Script } from '../index.js'
import type { PrintGate } from './print-gate.js'
import type { ScriptFile } from './script-file.js'

export interface TimedResult {
  readonly result: LuaValue
  readonly ms: number
}

const hasCode = (error: unknown, code: MoonpoolErrorCode): boolean =>
  error instanceof MoonpoolError && error.code === code

export class ScriptRunner {
  readonly #engine: Engine
  readonly #file: ScriptFile
  readonly #args: readonly LuaArgument[]
  #script: Script | undefined

  /** `args` is empty or one value: what `main` gets, or a chunk as `...`. */
  constructor(engine: Engine, file: ScriptFile, args: readonly LuaArgument[]) {
    this.#engine = engine
    this.#file = file
    this.#args = args
  }

  /** The first run. Rejects with what loading or running rejected with. */
  async start(options: RunOptions, prints: PrintGate): Promise<TimedResult> {
    try {
      this.#script = await this.#load(options)
      prints.loaded()
      if (this.#script !== undefined) return await this.#timed(options)
    } catch (error) {
      if (!hasCode(error, 'MOONPOOL_NO_FUNCTION')) {
        prints.open()
        throw error
      }
      this.#script = undefined
    }
    prints.discard()
    return this.#timed(options)
  }

  /** Every further run. */
  run(options: RunOptions): Promise<LuaValue> {
    const [argument] = this.#args
    if (this.#script !== undefined) return this.#script.run(argument, options)
    const { source, name } = this.#file
    return this.#engine.eval(source, this.#args, { ...options, name })
  }

  /** undefined: the top level uses the cache, so it is no script to be loaded. */
  async #load({ signal }: RunOptions): Promise<Script | undefined> {
    try {
      return await this.#engine.load(this.#file.source, { name: this.#file.name, signal })
    } catch (error) {
      if (hasCode(error, 'MOONPOOL_LOADING')) return undefined
      throw error
    }
  }

  async #timed(options: RunOptions): Promise<TimedResult> {
    const startMs = performance.now()
    const result = await this.run(options)
    return { result, ms: performance.now() - startMs }
  }
}
