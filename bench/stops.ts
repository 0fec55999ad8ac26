// An engine whose runs do not end by themselves, and how one knows when they were stopped: works/stops.lua prints the
// engine's clock, and lines arrive in their order, however late. So the moments are the script's own: nothing is added to
// a stop by whoever watches it, and main may be blocked all the while.

import assert from 'node:assert/strict'
import { createEngine, type Engine, MoonpoolError, type RunOptions, type Script } from '../src/index.js'
import { loadWork } from './works.js'

/** Seconds of the engine's clock. */
export interface Stopped {
  readonly beginSeconds: number
  /** The last sign of life. */
  readonly lastSeconds: number
  /** Between two signs, on average: the stop came half of it after the last one, on average. */
  readonly stepSeconds: number
}

export class StopEngine {
  readonly engine: Engine
  readonly script: Script

  private constructor(engine: Engine, script: Script) {
    this.engine = engine
    this.script = script
  }

  static async open(): Promise<StopEngine> {
    const engine = await createEngine({ threads: 1, onPrint: () => {} })
    return new StopEngine(engine, await engine.load(loadWork('stops').lua, { name: 'stops.lua' }))
  }

  /**
   * A run that ends at its deadline and nowhere else. `turns`: see `endless` in works/stops.lua. Undefined when the system
   * gave the worker no time before the deadline: the run said nothing.
   */
  async stop(
    turns: number,
    options: Pick<RunOptions, 'timeoutMs' | 'cachePrefix'>,
  ): Promise<Stopped | undefined> {
    const lines: string[] = []
    const error: unknown = await this.script
      .call('endless', [turns], { ...options, onPrint: (line) => lines.push(line) })
      .catch((reason: unknown) => reason)
    assert.ok(error instanceof MoonpoolError && error.code === 'MOONPOOL_TIMEOUT', String(error))
    if (lines.length === 0) return undefined
    const [beginSeconds, lastSeconds] = [Number(lines[0]), Number(lines.at(-1))]
    const stepSeconds = (lastSeconds - beginSeconds) / Math.max(1, lines.length - 1)
    return { beginSeconds, lastSeconds, stepSeconds }
  }

  /** When the script got to it. */
  async now(): Promise<number> {
    const [seconds] = await this.script.call<[number]>('now')
    return seconds
  }

  close(): Promise<void> {
    return this.engine.close()
  }
}
