// Who waits for which signal to abort. Each signal gets one listener however many runs share it, and loses it with the
// last of them: platforms warn of many listeners, and take time in proportion to remove one of them.

import type { AbortSignalLike } from './contract.js'

interface Watch {
  readonly callbacks: Set<() => void>
  readonly listener: () => void
}

export class AbortSignals {
  readonly #watches = new Map<AbortSignalLike, Watch>()

  /** Signals that something waits for. */
  get size(): number {
    return this.#watches.size
  }

  /**
   * Calls back when the signal aborts, unless what this returns was called before. Not for a signal that has aborted.
   * The callback must not throw.
   */
  watch(signal: AbortSignalLike, onAbort: () => void): () => void {
    const callbacks = (this.#watches.get(signal) ?? this.#listen(signal)).callbacks
    callbacks.add(onAbort)
    return () => {
      if (callbacks.delete(onAbort) && callbacks.size === 0) this.#forget(signal)
    }
  }

  /** A promise that `start` settles. As long as it is not settled, an abort calls `onAbort`. */
  guard<Value>(
    signal: AbortSignalLike,
    onAbort: (reject: (error: Error) => void) => void,
    start: (resolve: (value: Value) => void, reject: (error: Error) => void) => void,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        unwatch()
        reject(error)
      }
      const unwatch = this.watch(signal, () => onAbort(fail))
      try {
        start((value) => {
          unwatch()
          resolve(value)
        }, fail)
      } catch (error) {
        fail(error as Error)
      }
    })
  }

  #listen(signal: AbortSignalLike): Watch {
    const callbacks = new Set<() => void>()
    const listener = (): void => {
      this.#forget(signal)
      for (const callback of callbacks) callback()
      callbacks.clear()
    }
    signal.addEventListener('abort', listener)
    const watch = { callbacks, listener }
    this.#watches.set(signal, watch)
    return watch
  }

  #forget(signal: AbortSignalLike): void {
    const watch = this.#watches.get(signal)
    this.#watches.delete(signal)
    if (watch !== undefined) signal.removeEventListener('abort', watch.listener)
  }
}
