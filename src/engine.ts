// The engine: puts the rooms together and hands each call on. Decides nothing.

import type { CloseOptions, EvalOptions, LoadOptions } from './call-options.js'
import { Chunks } from './chunks.js'
import { type Clock, type ClockOrigin, createClock, createClockOrigin } from './clock.js'
import type { CreateDispatcher, Dispatcher } from './dispatch/contract.js'
import { createDispatcher } from './dispatch/dispatcher.js'
import type { EngineOptions } from './engine-options.js'
import { createError } from './errors.js'
import { WholeCache } from './host-cache.js'
import { MAX_IDLE_PREFIXES } from './limits.js'
import {
  type EngineSettings,
  resolveCloseOptions,
  resolveEngineOptions,
  resolveLoadOptions,
  splitEvalOptions,
} from './options.js'
import { createPrintSink } from './print-sink.js'
import { RunLauncher } from './run-launcher.js'
import { LoadedScript } from './script.js'
import { identify, sourceBytesOf } from './script-source.js'
import { PrefixCells } from './shared/prefix-cells.js'
import { SpareWriter } from './spare-writer.js'
import { Prefixes } from './store/prefixes.js'
import { Store } from './store/store.js'
import { Sweeper } from './store/sweeper.js'
import { tenantPolicy } from './tenant-options.js'
import type { Engine, EngineCache, EngineStatistics, LuaArgument, Script } from './types.js'

/** What tests replace. */
export interface EngineInternals {
  readonly clockOrigin?: ClockOrigin
  readonly createDispatcher?: CreateDispatcher
}

/** The store and what keeps it: main thread's share of an engine. */
interface Cellar {
  readonly store: Store
  readonly prefixes: Prefixes
  readonly sweeper: Sweeper
  readonly clock: Clock
}

class MoonpoolEngine implements Engine {
  readonly cache: EngineCache
  readonly #settings: EngineSettings
  readonly #cellar: Cellar
  readonly #dispatcher: Dispatcher
  readonly #launcher: RunLauncher
  readonly #chunks: Chunks
  #closing: Promise<void> | undefined

  constructor(settings: EngineSettings, cellar: Cellar, dispatcher: Dispatcher) {
    const { cache: policy, limits } = settings
    const assertOpen = (call: string): void => this.#assertOpen(call)
    this.#settings = settings
    this.#cellar = cellar
    this.#dispatcher = dispatcher
    this.#launcher = new RunLauncher(dispatcher, assertOpen, {
      ...limits,
      requirePrefix: policy.requirePrefix,
    })
    this.#chunks = new Chunks(dispatcher, this.#launcher, limits)
    this.cache = new WholeCache({ ...cellar, policy, writer: new SpareWriter(), assertOpen })
  }

  async load(source: string | Uint8Array, options?: LoadOptions): Promise<Script> {
    this.#assertOpen('engine.load')
    const { limits } = this.#settings
    const { name: givenName, signal } = resolveLoadOptions(options)
    const bytes = sourceBytesOf(source, limits.sourceBytes, 'engine.load')
    const { digest, defaultName } = identify(bytes)
    const name = givenName ?? defaultName
    const { timeoutMs } = limits
    const image = await this.#dispatcher.load({
      source: bytes,
      digest,
      name,
      kind: 'script',
      timeoutMs,
      signal,
    })
    return new LoadedScript(name, digest, image, this.#launcher, (released) => {
      this.#dispatcher.release(released)
    })
  }

  eval<T>(source: string | Uint8Array, args: readonly LuaArgument[] = [], options?: EvalOptions): Promise<T> {
    try {
      const { name, run } = splitEvalOptions(options)
      return this.#chunks.run(source, this.#launcher.prepareChunk(args, run), name) as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  stats(): EngineStatistics {
    const { workerReads, ...runs } = this.#dispatcher.statistics()
    const cache = this.#cellar.store.statistics()
    const hits = cache.hits + workerReads.hits
    return { ...runs, cache: { ...cache, hits, misses: cache.misses + workerReads.misses } }
  }

  close(options?: CloseOptions): Promise<void> {
    try {
      const { graceMs } = resolveCloseOptions(options)
      this.#closing ??= this.#shutDown(graceMs)
      return this.#closing
    } catch (error) {
      return Promise.reject(error)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #shutDown(graceMs: number): Promise<void> {
    const { clock } = this.#cellar
    const endMs = clock.monotonicMs() + graceMs
    try {
      // An eval that still loads its chunk was accepted, too: its run must reach the dispatcher before that closes.
      if (graceMs > 0 && this.#chunks.isStarting) {
        await this.#chunks.settleStarting(graceMs)
        graceMs = Math.max(0, endMs - clock.monotonicMs())
      }
      await this.#dispatcher.close(graceMs)
    } finally {
      this.#cellar.sweeper.close()
    }
  }

  #assertOpen(call: string): void {
    if (this.#closing === undefined) return
    throw createError('MOONPOOL_CLOSED', `${call}: the engine is closed: create another`)
  }
}

/** `createEngine` with replaceable parts; for tests. */
export async function createEngineWith(
  options: EngineOptions | undefined,
  internals: EngineInternals,
): Promise<Engine> {
  const settings = resolveEngineOptions(options)
  const clockOrigin = internals.clockOrigin ?? createClockOrigin()
  const clock = createClock(clockOrigin)
  const prefixCells = new PrefixCells()
  const prefixes = new Prefixes(prefixCells, MAX_IDLE_PREFIXES)
  const store = new Store(settings.cache, clock, prefixes)
  const sweeper = new Sweeper(store)
  const { threads, spareThreads, niceIncrement, maxQueue, limits, cache } = settings
  const onPrint = createPrintSink(settings.onPrint)
  const create = internals.createDispatcher ?? createDispatcher
  try {
    const dispatcher = await create({
      threads,
      spareThreads,
      niceIncrement,
      maxQueue,
      tenants: tenantPolicy(settings.tenants),
      limits,
      cache,
      store,
      prefixes,
      prefixCells,
      clock,
      clockOrigin,
      onPrint,
    })
    return new MoonpoolEngine(settings, { store, prefixes, sweeper, clock }, dispatcher)
  } catch (error) {
    sweeper.close()
    throw error
  }
}

/**
 * Creates an engine. Resolves when every thread has booted and tested itself; one engine serves a whole process.
 *
 * @throws MOONPOOL_INVALID_OPTION with every wrong option; MOONPOOL_START when threads or checks fail.
 */
export function createEngine(options?: EngineOptions): Promise<Engine> {
  return createEngineWith(options, {})
}
