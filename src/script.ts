// A loaded script, as the host holds it.

import type { RunOptions } from './call-options.js'
import type { ImageRef } from './dispatch/contract.js'
import { createError } from './errors.js'
import type { RunLauncher } from './run-launcher.js'
import type { LuaArgument, Script } from './types.js'

/** Owns one pin of its image, taken by `load`, until it is disposed. */
export class LoadedScript implements Script {
  readonly name: string
  readonly digest: string
  readonly #launcher: RunLauncher
  readonly #release: (image: ImageRef) => void
  #image: ImageRef | undefined

  constructor(
    name: string,
    digest: string,
    image: ImageRef,
    launcher: RunLauncher,
    release: (image: ImageRef) => void,
  ) {
    this.name = name
    this.digest = digest
    this.#image = image
    this.#launcher = launcher
    this.#release = release
  }

  // Not `async`: a hot path needs no promise around the dispatcher's.
  run<T>(args?: LuaArgument, options?: RunOptions): Promise<T> {
    try {
      const image = this.#image ?? this.#refuse('script.run')
      return this.#launcher.main(image, this.name, args, options) as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  call<T>(name: string, args: readonly LuaArgument[] = [], options?: RunOptions): Promise<T> {
    try {
      const image = this.#image ?? this.#refuse('script.call')
      const results: Promise<unknown> = this.#launcher.call(image, this.name, name, args, options)
      return results as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  dispose(): void {
    const image = this.#image
    this.#image = undefined
    if (image !== undefined) this.#release(image)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  #refuse(call: string): never {
    throw createError('MOONPOOL_CLOSED', `${call}: ${this.name} was disposed: load it again`, {
      script: this.name,
    })
  }
}
