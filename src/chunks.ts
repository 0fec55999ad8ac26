// Chunks for engine.eval: from source text to a run, the image compiled at most once while it is in use.
//
// A hot eval must not hash its source again, so the identities of the last sources are kept, the oldest goes first.
// Keeping is for small sources only: large ones would hold memory, and are not what is evaluated again and again.

import type { Dispatcher } from './dispatch/contract.js'
import { KIB } from './limits.js'
import type { ChunkRequest, RunLauncher } from './run-launcher.js'
import { identify, type ScriptIdentity, sourceBytesOf } from './script-source.js'
import type { LuaValue } from './shared/values.js'

const MAX_REMEMBERED_CHARACTERS = 64 * KIB

export interface ChunkLimits {
  readonly sourceBytes: number
  readonly evalScripts: number
}

export class Chunks {
  readonly #dispatcher: Dispatcher
  readonly #launcher: RunLauncher
  readonly #limits: ChunkLimits
  readonly #identities = new Map<string, ScriptIdentity>()

  constructor(dispatcher: Dispatcher, launcher: RunLauncher, limits: ChunkLimits) {
    this.#dispatcher = dispatcher
    this.#launcher = launcher
    this.#limits = limits
  }

  run(source: unknown, request: ChunkRequest): Promise<LuaValue> {
    const known = typeof source === 'string' ? this.#identities.get(source) : undefined
    const image = known && this.#dispatcher.find(known.digest, known.defaultName, 'chunk')
    if (known !== undefined && image !== undefined)
      return this.#launcher.chunk(image, known.defaultName, request)
    const bytes = sourceBytesOf(source, this.#limits.sourceBytes, 'engine.eval')
    const identity = known ?? identify(bytes)
    if (typeof source === 'string') this.#remember(source, identity)
    return this.#loadAndRun(bytes, identity, request)
  }

  async #loadAndRun(source: Uint8Array, identity: ScriptIdentity, request: ChunkRequest): Promise<LuaValue> {
    const { digest, defaultName: name } = identity
    const image = await this.#dispatcher.load({
      source,
      digest,
      name,
      kind: 'chunk',
      timeoutMs: request.timeoutMs,
    })
    try {
      // The run takes a pin of its own at once, so this one can be given back before it ends.
      return this.#launcher.chunk(image, name, request)
    } finally {
      this.#dispatcher.release(image)
    }
  }

  #remember(source: string, identity: ScriptIdentity): void {
    if (source.length > MAX_REMEMBERED_CHARACTERS) return
    this.#identities.set(source, identity)
    if (this.#identities.size <= this.#limits.evalScripts) return
    const oldest = this.#identities.keys().next()
    if (oldest.done !== true) this.#identities.delete(oldest.value)
  }
}
