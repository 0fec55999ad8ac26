// Chunks for engine.eval: from source text to a run, the image compiled at most once while it is in use.
//
// A hot eval must not hash its source again, so the identities of the sources used last are kept.
// Keeping is for small sources only: large ones would hold memory, and are not what is evaluated again and again.

import type { Dispatcher, LoadRequest } from './dispatch/contract.js'
import type { JsonValue } from './json-result.js'
import { KIB } from './limits.js'
import type { ChunkRequest, RunLauncher } from './run-launcher.js'
import { identify, type ScriptIdentity, sourceBytesOf } from './script-source.js'
import type { LuaValue } from './shared/values.js'

const MAX_REMEMBERED_CHARACTERS = 16 * KIB

export interface ChunkLimits {
  readonly sourceBytes: number
  readonly evalScripts: number
}

type Chunk = Pick<LoadRequest, 'source' | 'digest' | 'name'>

/** A run that the dispatcher has; in an object, so that waiting for the one is not waiting for the other. */
interface Started {
  readonly result: Promise<LuaValue | JsonValue>
}

export class Chunks {
  readonly #dispatcher: Dispatcher
  readonly #launcher: RunLauncher
  readonly #limits: ChunkLimits
  /** Least recently used first. */
  readonly #identities = new Map<string, ScriptIdentity>()
  /** The last one of them. */
  #latest: string | undefined
  /** Accepted, but the dispatcher does not know their runs yet. */
  readonly #starting = new Set<Promise<Started>>()

  constructor(dispatcher: Dispatcher, launcher: RunLauncher, limits: ChunkLimits) {
    this.#dispatcher = dispatcher
    this.#launcher = launcher
    this.#limits = limits
  }

  /** Without `givenName` the chunk has its identity's name. */
  run(source: unknown, request: ChunkRequest, givenName?: string): Promise<LuaValue | JsonValue> {
    const known = typeof source === 'string' ? this.#recall(source) : undefined
    if (known !== undefined) {
      const name = givenName ?? known.defaultName
      const image = this.#dispatcher.find(known.digest, name, 'chunk')
      if (image !== undefined) return this.#launcher.chunk(image, name, request)
    }
    const bytes = sourceBytesOf(source, this.#limits.sourceBytes, 'engine.eval')
    const identity = known ?? identify(bytes)
    if (typeof source === 'string') this.#remember(source, identity)
    return this.#start(
      { source: bytes, digest: identity.digest, name: givenName ?? identity.defaultName },
      request,
    )
  }

  /** True while an eval was accepted whose run the dispatcher does not know yet. */
  get isStarting(): boolean {
    return this.#starting.size > 0
  }

  /** Waits until that is over for each of them, but not longer than `graceMs`. */
  async settleStarting(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const graceOver = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs)
    })
    await Promise.race([Promise.allSettled(this.#starting), graceOver])
    clearTimeout(timer)
  }

  async #start(chunk: Chunk, request: ChunkRequest): Promise<LuaValue | JsonValue> {
    const starting = this.#handOver(chunk, request)
    this.#starting.add(starting)
    try {
      const { result } = await starting
      return result
    } finally {
      this.#starting.delete(starting)
    }
  }

  async #handOver(chunk: Chunk, request: ChunkRequest): Promise<Started> {
    const { prefix, timeoutMs, extras } = request
    const image = await this.#dispatcher.load({
      ...chunk,
      kind: 'chunk',
      prefix,
      timeoutMs,
      signal: extras?.signal,
    })
    try {
      return { result: this.#launcher.chunk(image, chunk.name, request) }
    } finally {
      // The run took a pin of its own at once.
      this.#dispatcher.release(image)
    }
  }

  #recall(source: string): ScriptIdentity | undefined {
    const identity = this.#identities.get(source)
    if (identity !== undefined && source !== this.#latest) this.#use(source, identity)
    return identity
  }

  #use(source: string, identity: ScriptIdentity): void {
    this.#latest = source
    this.#identities.delete(source)
    this.#identities.set(source, identity)
  }

  #remember(source: string, identity: ScriptIdentity): void {
    if (source.length > MAX_REMEMBERED_CHARACTERS) return
    this.#use(source, identity)
    if (this.#identities.size <= this.#limits.evalScripts) return
    const oldest = this.#identities.keys().next()
    if (oldest.done !== true) this.#identities.delete(oldest.value)
  }
}
