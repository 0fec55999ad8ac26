// A loaded script, as the host holds it.

import type { ImageRef } from './dispatch/contract.js'
import type { RunOptions } from './options.js'
import type { RunLauncher } from './run-launcher.js'
import type { LuaValue } from './shared/values.js'
import type { LuaArgument, Script } from './types.js'

/** Owns one pin of its image, taken by `load`. */
export class LoadedScript implements Script {
  readonly name: string
  readonly digest: string
  readonly #image: ImageRef
  readonly #launcher: RunLauncher

  constructor(name: string, digest: string, image: ImageRef, launcher: RunLauncher) {
    this.name = name
    this.digest = digest
    this.#image = image
    this.#launcher = launcher
  }

  // Not `async`: a hot path needs no promise around the dispatcher's.
  run<T = LuaValue>(args?: LuaArgument, options?: RunOptions): Promise<T> {
    try {
      return this.#launcher.main(this.#image, this.name, args, options) as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  call<T extends readonly LuaValue[] = LuaValue[]>(
    name: string,
    args: readonly LuaArgument[] = [],
    options?: RunOptions,
  ): Promise<T> {
    try {
      const results: Promise<readonly LuaValue[]> = this.#launcher.call(
        this.#image,
        this.name,
        name,
        args,
        options,
      )
      return results as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }
}
